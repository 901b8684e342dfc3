using System.Text;
using OrleansStream.Cli.Terminal;
using OrleansStream.Client;

namespace OrleansStream.Cli.Invocation;

/// <summary>What a command sees of the world: its streams, the time, and the way to a broker.</summary>
internal sealed record CommandEnvironment
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    /// <summary>stdin as bytes.</summary>
    public required Stream Input { get; init; }

    /// <summary>stdout as bytes: data only.</summary>
    public required Stream Output { get; init; }

    /// <summary>stderr: everything that is not data.</summary>
    public required TextWriter Error { get; init; }

    /// <summary>Whether a person looks at stderr, so that progress and summaries are wanted.</summary>
    public required bool ErrorIsTerminal { get; init; }

    /// <summary>The time.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>Connects to a cluster; the caller disposes the client.</summary>
    public required Func<ClusterAddress, CancellationToken, ValueTask<IOrleansStreamClient>> ConnectAsync { get; init; }

    /// <summary>The environment of this process.</summary>
    public static CommandEnvironment ForProcess() => new()
    {
        Input = Console.OpenStandardInput(),
        Output = StandardOutput.Open(),
        Error = Console.Error,
        ErrorIsTerminal = !Console.IsErrorRedirected,
        Time = TimeProvider.System,
        ConnectAsync = BrokerConnection.OpenAsync,
    };

    /// <summary>A buffered writer of text on stdout; disposing it writes the rest and leaves stdout open.</summary>
    public StreamWriter OpenText() => new(Output, Utf8, bufferSize: 16 * 1024, leaveOpen: true) { NewLine = "\n" };

    /// <summary>A progress line, or an inert one where nobody looks.</summary>
    public ProgressLine StartProgress() => ProgressLine.StartOn(ErrorIsTerminal ? Error : null, Time);
}
