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

    /// <summary>Whether the output is for programs.</summary>
    public Option<bool> Json { get; } = new("--json")
    {
        Description = "Write JSON to stdout.",
        Recursive = true,
    };

    /// <summary>Connects to the cluster that the command line names.</summary>
    public ValueTask<IOrleansStreamClient> ConnectAsync(ParseResult parse, CommandEnvironment environment, CancellationToken cancellationToken) =>
        environment.ConnectAsync(BootstrapOf(parse), cancellationToken);

    /// <summary>The gateways that the command line names, with commas between them.</summary>
    public string BootstrapOf(ParseResult parse) =>
        parse.GetValue(Bootstrap) is { Length: > 0 } addresses
            ? addresses
            : throw CommandFailedException.Usage("--bootstrap is empty; give HOST:PORT, for example 127.0.0.1:30000.");
}
