using System.CommandLine;
using OrleansStream.Client;

namespace OrleansStream.Cli.Invocation;

/// <summary>The options that every command takes.</summary>
internal sealed class GlobalOptions
{
    /// <summary>The gateways of one or more brokers.</summary>
    public Option<string> Bootstrap { get; } = new("--bootstrap")
    {
        Description = "A broker's gateway, or several separated by commas.",
        HelpName = "HOST:PORT",
        DefaultValueFactory = _ => "127.0.0.1:30000",
        Recursive = true,
    };

    /// <summary>The ZooKeeper that knows the gateways.</summary>
    public Option<string?> ZooKeeper { get; } = new("--zookeeper")
    {
        Description = "Instead of --bootstrap: the ZooKeeper that the brokers were started with.",
        HelpName = "HOST:PORT,.../chroot",
        Recursive = true,
    };

    /// <summary>Whether the output is for programs.</summary>
    public Option<bool> Json { get; } = new("--json")
    {
        Description = "Write JSON to stdout.",
        Recursive = true,
    };

    /// <summary>Connects to the cluster that the command line names.</summary>
    public ValueTask<IOrleansStreamClient> ConnectAsync(ParseResult parse, CommandEnvironment environment, CancellationToken cancellationToken) =>
        environment.ConnectAsync(AddressOf(parse), cancellationToken);

    /// <summary>Where the command line says that the cluster is.</summary>
    public ClusterAddress AddressOf(ParseResult parse)
    {
        if (parse.GetValue(ZooKeeper) is { } zooKeeper)
        {
            return parse.GetResult(Bootstrap) is { Implicit: false }
                ? throw CommandFailedException.Usage("--bootstrap and --zookeeper both say where the cluster is; give one of them.")
                : new ClusterAddress(null, zooKeeper);
        }

        return parse.GetValue(Bootstrap) is { Length: > 0 } addresses
            ? new ClusterAddress(addresses, null)
            : throw CommandFailedException.Usage("--bootstrap is empty; give HOST:PORT, for example 127.0.0.1:30000.");
    }
}
