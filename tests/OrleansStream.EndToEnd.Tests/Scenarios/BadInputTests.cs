using OrleansStream.EndToEnd.Tests.Processes;
using OrleansStream.Faults.Network;

namespace OrleansStream.EndToEnd.Tests.Scenarios;

/// <summary>Each wrong request gives one clear line; the broker stays up and other topics are untouched.</summary>
public sealed class BadInputTests
{
    [Fact]
    public async Task Ostream_NamesTheThingAndTheRemedy_WhenARequestIsWrong()
    {
        using var directory = new TemporaryDirectory();
        await using var broker = await Broker.StartAsync(BrokerAddress.In(directory["data"]));
        (await broker.OstreamAsync("topics", "create", "good", "--partitions", "2")).ShouldSucceed();
        (await broker.OstreamAsync(stdin => stdin.WriteAsync("1\n2\n3\n"u8.ToArray()).AsTask(), "produce", "good", "--partition", "1")).ShouldSucceed();
        (await broker.OstreamAsync("topics", "create", "small", "--partitions", "1", "--config", "max.message.bytes=1000")).ShouldSucceed();

        await ShouldFail(broker, 1, ["consume", "unknown", "--from-beginning"], "'unknown'", "ostream topics create unknown");
        await ShouldFail(broker, 1, ["topics", "describe", "unknown"], "'unknown'");
        await ShouldFail(broker, 1, ["topics", "delete", "unknown"], "'unknown'");
        await ShouldFail(broker, 1, ["topics", "alter", "unknown", "--partitions", "3"], "'unknown'");
        await ShouldFail(broker, 1, ["topics", "create", "good"], "'good'", "exists");
        await ShouldFail(broker, 1, ["topics", "create", "bad/name"], "'bad/name'");
        await ShouldFail(broker, 1, ["topics", "create", ".."], "'..'");
        await ShouldFail(broker, 1, ["topics", "create", new string('x', 250)], "249");
        await ShouldFail(broker, 1, ["topics", "create", "t", "--replication-factor", "3"], "replication");
        await ShouldFail(broker, 1, ["topics", "create", "t", "--config", "no.such.key=1"], "no.such.key");
        await ShouldFail(broker, 1, ["topics", "create", "t", "--config", "retention.ms=soon"], "retention.ms", "soon");
        await ShouldFail(broker, 1, ["topics", "alter", "good", "--partitions", "1"], "2");
        await ShouldFail(broker, 1, ["consume", "good", "--partition", "9", "--from-beginning"], "no partition 9");
        await ShouldFail(broker, 1, ["consume", "good", "--partition", "1", "--offset", "99"], "99", "0", "3");
        await ShouldFail(broker, 1, ["consume", "good", "--partition", "1", "--offset", "99", "--exit-at-end"], "99", "0", "3");
        await ShouldFail(broker, 2, ["consume", "good", "--offset", "-1"], "-1");

        var tooLarge = await broker.OstreamAsync(stdin => stdin.WriteAsync(new byte[5000]).AsTask(), "produce", "small");
        tooLarge.ShouldFailWithOneLine(1, "line 1", "1000");
        var badPartition = await broker.OstreamAsync(stdin => stdin.WriteAsync("x\n"u8.ToArray()).AsTask(), "produce", "good", "--partition", "9");
        badPartition.ShouldFailWithOneLine(1, "9");
        var badName = await broker.OstreamAsync(stdin => stdin.WriteAsync("x\n"u8.ToArray()).AsTask(), "produce", "no spaces");
        badName.ShouldFailWithOneLine(1, "'no spaces'");

        (await broker.OstreamAsync("consume", "good", "--from-beginning", "--exit-at-end")).Output.ShouldBe("1\n2\n3\n");
        (await broker.OstreamAsync("cluster", "describe")).ShouldSucceed();
        (await broker.StopAsync()).ExitCode.ShouldBe(0);
    }

    [Fact]
    public async Task Ostream_SaysHowToStartABroker_WhenNoneAnswers()
    {
        var port = FreePorts.Take(1)[0];
        var refused = await DotnetProgram.Start(BuildOutput.Ostream, ["topics", "list", "--bootstrap", $"127.0.0.1:{port}"]).RunToEndAsync();
        refused.ShouldFailWithOneLine(1, $"127.0.0.1:{port}", "./run.sh", "--bootstrap");
    }

    private static async Task ShouldFail(Broker broker, int exitCode, string[] arguments, params string[] texts) =>
        (await broker.OstreamAsync(arguments)).ShouldFailWithOneLine(exitCode, texts);
}
