using OrleansStream.Client;

namespace OrleansStream.Cli.Records;

/// <summary>What <c>ostream consume</c> was asked to do.</summary>
internal sealed record ConsumeRequest
{
    /// <summary>The topic.</summary>
    public required string Topic { get; init; }

    /// <summary>The group to read as a member of; null for none.</summary>
    public string? Group { get; init; }

    /// <summary>How the group divides partitions, preferred way first.</summary>
    public IReadOnlyList<IPartitionAssignor> Assignors { get; init; } = [];

    /// <summary>How the group rebalances.</summary>
    public GroupProtocol GroupProtocol { get; init; }

    /// <summary>The only partition to read; null for all.</summary>
    public int? Partition { get; init; }

    /// <summary>Where to start in each partition.</summary>
    public OffsetSpec Start { get; init; } = OffsetSpec.Latest;

    /// <summary>Whether <see cref="Start"/> is an offset, which means something in one partition only.</summary>
    public bool OffsetIsGiven { get; init; }

    /// <summary>The most records to write; null for no limit.</summary>
    public long? MaxRecords { get; init; }

    /// <summary>Whether to end at the end that the topic has at the beginning.</summary>
    public bool ExitAtEnd { get; init; }
}
