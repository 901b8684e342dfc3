using OrleansStream.Client;

namespace OrleansStream.Cli.Invocation;

/// <summary>The way to a real broker.</summary>
internal static class BrokerConnection
{
    /// <summary>Long enough for a broker that is just starting, short enough for a person who forgot to start one.</summary>
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(3);

    /// <summary>Connects to the cluster behind the gateways.</summary>
    /// <exception cref="BrokerUnavailableException">No broker answers.</exception>
    public static async ValueTask<IOrleansStreamClient> OpenAsync(string bootstrap, CancellationToken cancellationToken) =>
        await OrleansStreamClient.ConnectAsync(
            bootstrap,
            options => options.ConnectTimeout = ConnectTimeout,
            cancellationToken: cancellationToken).ConfigureAwait(false);
}
