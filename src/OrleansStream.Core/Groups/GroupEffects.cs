using OrleansStream.Core.Groups.Records;
using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Core.Groups;

/// <summary>What a command has brought about, for the shell to carry out in this order.</summary>
/// <param name="Records">To be appended to the coordinator's partition, in one batch unless <see cref="MayBeParted"/>. The machine has replayed them already.</param>
/// <param name="Answers">The requests that are answered now: that of the command, and others that waited.</param>
public sealed record GroupEffects(IReadOnlyList<CoordinatorRecord> Records, IReadOnlyList<GroupAnswer> Answers)
{
    /// <summary>Nothing to do.</summary>
    public static GroupEffects None { get; } = new([], []);

    /// <summary>Whether the records do not depend on each other, so that more of them than fit into a batch may go in several.</summary>
    public bool MayBeParted { get; init; }
}

/// <summary>An answer.</summary>
/// <param name="Ticket">The number under which the request came.</param>
/// <param name="Response">The response.</param>
/// <param name="ShowsState">Whether it must wait until every record so far is durable, since it shows what they brought about.</param>
public readonly record struct GroupAnswer(long Ticket, IKafkaMessage Response, bool ShowsState);
