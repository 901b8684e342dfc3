namespace OrleansStream.Faults.Network;

/// <summary>Where the processes of a cluster are, and the connections between them. Nodes are <c>b1</c>, <c>b2</c>, …, <c>zk</c> and <c>clients</c>.</summary>
public abstract class ClusterNetwork : IAsyncDisposable
{
    /// <summary>ZooKeeper's node.</summary>
    public const string ZooKeeper = "zk";

    /// <summary>The node of this program and its clients.</summary>
    public const string Clients = "clients";

    /// <summary>Why connections cannot be cut here; null if they can.</summary>
    public abstract string? WhyNoCuts { get; }

    /// <summary>ZooKeeper's host and port.</summary>
    public abstract (string Host, int Port) ZooKeeperEndpoint { get; }

    /// <summary>A broker's node.</summary>
    public static string Broker(int id) => $"b{id}";

    /// <summary>Where a broker listens, the same as long as the network lives.</summary>
    public abstract BrokerEndpoint BrokerEndpoint(int id);

    /// <summary>The words before a command that make it run on a node.</summary>
    public abstract IReadOnlyList<string> RunOn(string node);

    /// <summary>From now on no packet goes from one node to the other, in either direction; nobody is told.</summary>
    public abstract Task CutAsync(string node, string other);

    /// <summary>All connections are as they were.</summary>
    public abstract Task HealAsync();

    /// <inheritdoc/>
    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return default;
    }
}
