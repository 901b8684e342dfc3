using System.Text;
using OrleansStream.Cli.Invocation;
using OrleansStream.Cli.Tests.Fakes;
using OrleansStream.Client;

namespace OrleansStream.Cli.Tests.Records;

public sealed class ProduceCommandTests
{
    private readonly FakeClient _client = new();
    private readonly TestEnvironment _environment;

    public ProduceCommandTests() => _environment = new TestEnvironment { Connect = _ => _client };

    [Fact]
    public async Task Produce_SendsEveryByte_WhenLinesAreNotText()
    {
        _environment.Input = [0, 0xFF, (byte)'\r', (byte)'\n', (byte)'\n', 0xC3, 0x28];
        (await _environment.RunAsync("produce", "t")).ShouldBe(ExitCode.Success);

        _client.Producer.Values.ShouldBe([[0, 0xFF, (byte)'\r'], [], [0xC3, 0x28]]);
        _client.Producer.Keys.ShouldAllBe(key => key == null);
        _client.Producer.Flushes.ShouldBe(1);
        _environment.Output.ShouldBeEmpty();
        _environment.Error.ShouldBeEmpty();
    }

    [Fact]
    public async Task Produce_CutsAtTheFirstSeparator_WhenOneIsGiven()
    {
        _environment.Input = "a=>1\nb=>2=>3\n=>4\nc=>"u8.ToArray();
        (await _environment.RunAsync("produce", "t", "--key-separator", "=>")).ShouldBe(ExitCode.Success);

        _client.Producer.Keys.ShouldBe(["a", "b", "", "c"]);
        _client.Producer.Values.Select(Encoding.UTF8.GetString).ShouldBe(["1", "2=>3", "4", ""]);
    }

    [Fact]
    public async Task Produce_NamesTheLine_WhenItHasNoSeparator()
    {
        _environment.Input = "a:1\nb\nc:3\n"u8.ToArray();
        (await _environment.RunAsync("produce", "t", "--key-separator", ":")).ShouldBe(ExitCode.Failed);
        _environment.Error.ShouldBe("ostream: line 2 has no key separator ':' (1 record delivered)\n");
    }

    [Fact]
    public async Task Produce_NamesLineLimitAndRemedy_WhenALineIsTooLong()
    {
        _client.SetMaxMessageBytes(1000);
        _environment.Input = Encoding.ASCII.GetBytes($"ok\n{new string('x', 300_000)}\n");
        (await _environment.RunAsync("produce", "t")).ShouldBe(ExitCode.Failed);
        _environment.Error.ShouldContain("line 2 is longer than 1000 bytes");
        _environment.Error.ShouldContain("ostream topics alter t --config max.message.bytes=N");
        _client.Producer.Options.MaxRecordBytes.ShouldBe(1000);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Produce_FailsWithTheLineNumber_WhenALargeRecordIsRefused(bool failsWhenSent)
    {
        _client.Producer.FailingRecord = 3;
        _client.Producer.FailsWhenSent = failsWhenSent;
        _environment.Input = Encoding.ASCII.GetBytes($"1\n2\n{new string('x', 100_000)}\n");
        (await _environment.RunAsync("produce", "t")).ShouldBe(ExitCode.Failed);
        _environment.Error.ShouldBe("ostream: line 3: too large for the topic (2 records delivered)\n");
        _client.Producer.Flushes.ShouldBe(1);
    }

    [Fact]
    public async Task Produce_StopsReading_WhenARecordIsNotDelivered()
    {
        _client.Producer.FailingRecord = 2;
        _environment.Input = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("x\n", 100)));
        (await _environment.RunAsync("produce", "t")).ShouldBe(ExitCode.Failed);
        _client.Producer.Values.Count().ShouldBeLessThan(100);
        _environment.Error.ShouldContain("too large for the topic (1 record delivered)");
    }

    [Fact]
    public async Task Produce_PassesOptionsOn_WhenTheyAreGiven()
    {
        _environment.Input = "v\n"u8.ToArray();
        (await _environment.RunAsync(
            "produce", "t", "--acks", "1", "--compression", "zstd", "--partition", "3", "--header", "a=1", "--header", "b=x=y", "--linger-ms", "7", "--batch-size", "4096"))
            .ShouldBe(ExitCode.Success, _environment.Error);

        _client.Producer.Options.Acks.ShouldBe(Acks.Leader);
        _client.Producer.Options.Compression.ShouldBe(CompressionType.Zstd);
        _client.Producer.Options.LingerMs.ShouldBe(7);
        _client.Producer.Options.BatchSize.ShouldBe(4096);
        var message = _client.Producer.Messages.ShouldHaveSingleItem();
        message.Partition.ShouldBe(3);
        message.Headers!.Select(header => (header.Key, Encoding.UTF8.GetString(header.Value!.Value.Span))).ShouldBe([("a", "1"), ("b", "x=y")]);
    }

    [Fact]
    public async Task Produce_ReportsOnStdout_WhenJsonIsWanted()
    {
        _environment.Input = "abc\nde\n"u8.ToArray();
        (await _environment.RunAsync("produce", "t", "--json")).ShouldBe(ExitCode.Success);
        _environment.Output.ShouldStartWith("{\"topic\":\"t\",\"records\":2,\"bytes\":5,\"seconds\":");
    }

    [Fact]
    public async Task Produce_SaysWhatWasSent_WhenStderrIsATerminal()
    {
        _environment.ErrorIsTerminal = true;
        _environment.Input = "abc\n"u8.ToArray();
        (await _environment.RunAsync("produce", "t")).ShouldBe(ExitCode.Success);
        _environment.Error.ShouldStartWith("1 record, 3 B to 't' in ");
    }
}
