using OrleansStream.Client;

namespace OrleansStream.Cli.Invocation;

/// <summary>The way to a real broker.</summary>
internal static class BrokerConnection
{
    /// <summary>Long enough for a broker that is just starting, short enough for a person who forgot to start one.</summary>
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(3);

    /// <summary>Connects to a cluster.</summary>
    /// <exception cref="BrokerUnavailableException">No broker answers.</exception>
    public static async ValueTask<IOrleansStreamClient> OpenAsync(ClusterAddress address, CancellationToken cancellationToken) =>
        await OrleansStreamClient.ConnectAsync(
            new OrleansStreamClientOptions
            {
                Bootstrap = address.Bootstrap?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [],
                ZooKeeper = address.ZooKeeper,
                ConnectTimeout = ConnectTimeout,
            },
            cancellationToken: cancellationToken).ConfigureAwait(false);
}
