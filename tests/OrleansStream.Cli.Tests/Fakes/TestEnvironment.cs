using System.Text;
using OrleansStream.Cli.Invocation;
using OrleansStream.Client;

namespace OrleansStream.Cli.Tests.Fakes;

/// <summary>Runs command lines in this process against a client of the test's choice.</summary>
internal sealed class TestEnvironment
{
    private readonly MemoryStream _output = new();
    private readonly StringWriter _error = new();

    public byte[] Input { get; set; } = [];

    public bool ErrorIsTerminal { get; set; }

    public Func<string, IOrleansStreamClient> Connect { get; set; } = bootstrap => throw new BrokerUnavailableException([bootstrap], $"No broker answered at {bootstrap}. Start one (./run.sh).");

    public byte[] OutputBytes => _output.ToArray();

    public string Output => Encoding.UTF8.GetString(_output.ToArray());

    public string Error => _error.ToString();

    /// <summary>Runs a command line given as words.</summary>
    public Task<int> RunAsync(params string[] args) => RunAsync(TestContext.Current.CancellationToken, args);

    public Task<int> RunAsync(CancellationToken cancellationToken, params string[] args) => CommandRunner.RunAsync(
        args,
        new CommandEnvironment
        {
            Input = new MemoryStream(Input),
            Output = _output,
            Error = _error,
            ErrorIsTerminal = ErrorIsTerminal,
            Time = TimeProvider.System,
            ConnectAsync = (address, _) => ValueTask.FromResult(Connect(address.Bootstrap ?? $"zookeeper {address.ZooKeeper}")),
        },
        cancellationToken);
}
