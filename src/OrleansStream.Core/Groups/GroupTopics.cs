namespace OrleansStream.Core.Groups;

/// <summary>The topics of the cluster as they are at a moment, for groups whose partitions the coordinator assigns. Immutable.</summary>
public interface IGroupTopics
{
    /// <summary>The names of all topics that may be consumed by a pattern.</summary>
    IEnumerable<string> Names { get; }

    /// <summary>A topic; null if there is none of that name.</summary>
    GroupTopic? Find(string name);
}

/// <summary>A topic that groups consume.</summary>
/// <param name="Id">Its id.</param>
/// <param name="PartitionCount">The number of its partitions.</param>
public readonly record struct GroupTopic(Guid Id, int PartitionCount);

/// <summary>No topics.</summary>
internal sealed class NoTopics : IGroupTopics
{
    public static NoTopics Instance { get; } = new();

    public IEnumerable<string> Names => [];

    public GroupTopic? Find(string name) => null;
}
