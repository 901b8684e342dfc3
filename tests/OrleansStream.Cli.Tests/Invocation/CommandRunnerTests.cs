using OrleansStream.Cli.Invocation;
using OrleansStream.Cli.Tests.Fakes;

namespace OrleansStream.Cli.Tests.Invocation;

public sealed class CommandRunnerTests
{
    private readonly TestEnvironment _environment = new();

    [Theory]
    [InlineData("", "ostream --help")]
    [InlineData("frob", "'frob'")]
    [InlineData("topics frob", "'frob'")]
    [InlineData("topics create", "NAME")]
    [InlineData("topics create t --partitions 0", "from 1")]
    [InlineData("topics create t --partitions many", "'many'")]
    [InlineData("topics create t --replication-factor 40000", "32767")]
    [InlineData("topics create t --config x", "KEY=VALUE")]
    [InlineData("topics alter t", "--delete-config")]
    [InlineData("produce t --acks 2", "all (or -1), 1 or 0")]
    [InlineData("produce t --compression zip", "zstd")]
    [InlineData("produce t --file /no/such/file", "/no/such/file")]
    [InlineData("produce t --header x", "KEY=VALUE")]
    [InlineData("consume --bogus t", "--bogus")]
    [InlineData("consume t --offset -1", "from 0")]
    [InlineData("consume t --offset 1 --from-beginning", "exclude each other")]
    [InlineData("consume t --timestamp yesterday", "ISO 8601")]
    [InlineData("consume t --group g --partition 1", "--partition and --group")]
    [InlineData("consume t --group g --offset 1", "reset-offsets g")]
    [InlineData("consume t --group g --assignor nope", "must be one of range, roundrobin")]
    [InlineData("consume t --group g --group-protocol share", "classic or consumer")]
    [InlineData("groups reset-offsets g", "give one of --to-earliest")]
    [InlineData("groups reset-offsets g --to-latest --shift-by 1", "give one of --to-earliest")]
    [InlineData("groups reset-offsets g --to-latest --topic t:x", "TOPIC:P,P")]
    [InlineData("bench produce --size 0", "from 1")]
    public async Task RunAsync_IsAUsageErrorInOneLine_WhenTheCommandLineIsWrong(string commandLine, string expected)
    {
        var exitCode = await _environment.RunAsync(commandLine.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        exitCode.ShouldBe(ExitCode.Usage, _environment.Error);
        _environment.Error.ShouldStartWith("ostream: ");
        _environment.Error.ShouldContain(expected);
        _environment.Error.Count(character => character == '\n').ShouldBe(1);
        _environment.Output.ShouldBeEmpty();
    }

    [Fact]
    public async Task RunAsync_AsksZooKeeper_WhenItIsNamed()
    {
        (await _environment.RunAsync("topics", "list", "--zookeeper", "127.0.0.1:2181/chroot")).ShouldBe(ExitCode.Failed);
        _environment.Error.ShouldStartWith("ostream: No broker answered at zookeeper 127.0.0.1:2181/chroot.");
    }

    [Fact]
    public async Task RunAsync_Refuses_WhenBootstrapAndZooKeeperAreGiven()
    {
        (await _environment.RunAsync("topics", "list", "--zookeeper", "127.0.0.1:2181", "--bootstrap", "127.0.0.1:30000")).ShouldBe(ExitCode.Usage);
        _environment.Error.ShouldContain("--bootstrap and --zookeeper both say where the cluster is");
    }

    [Fact]
    public async Task RunAsync_NamesAddressAndRemedy_WhenNoBrokerAnswers()
    {
        (await _environment.RunAsync("topics", "list", "--bootstrap", "127.0.0.1:31999")).ShouldBe(ExitCode.Failed);
        _environment.Error.ShouldBe("ostream: No broker answered at 127.0.0.1:31999. Start one (./run.sh). Another address goes into --bootstrap HOST:PORT or --zookeeper HOST:PORT/chroot.\n");
    }

    [Fact]
    public async Task RunAsync_WritesHelpToStdout_WhenItIsAskedFor()
    {
        (await _environment.RunAsync("topics", "create", "--help")).ShouldBe(ExitCode.Success);
        _environment.Output.ShouldContain("--replication-factor");
        _environment.Error.ShouldBeEmpty();
    }

    [Fact]
    public async Task RunAsync_TakesAWordAsItIs_WhenItBeginsWithAnAt()
    {
        var client = new FakeClient();
        _environment.Connect = _ => client;
        _environment.Input = "x\n"u8.ToArray();
        (await _environment.RunAsync("produce", "t", "--key-separator", "@missing-file")).ShouldBe(ExitCode.Failed);
        _environment.Error.ShouldContain("has no key separator '@missing-file'");
    }

    [Fact]
    public async Task RunAsync_IsInterrupted_WhenItIsCancelled()
    {
        _environment.Connect = _ => throw new OperationCanceledException();
        (await _environment.RunAsync(new CancellationToken(canceled: true), "topics", "list")).ShouldBe(ExitCode.Interrupted);
        _environment.Error.ShouldBeEmpty();
    }

    [Fact]
    public async Task RunAsync_ShowsTheWholeException_WhenItIsAFault()
    {
        _environment.Connect = _ => throw new InvalidOperationException("cannot be");
        (await _environment.RunAsync("topics", "list")).ShouldBe(ExitCode.Failed);
        _environment.Error.ShouldContain("fault in ostream");
        _environment.Error.ShouldContain("cannot be");
    }
}
