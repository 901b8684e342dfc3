using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using OrleansStream.EndToEnd.Tests.Processes;

namespace OrleansStream.EndToEnd.Tests.Scenarios;

/// <summary>What goes in with <c>ostream produce</c> comes out of <c>ostream consume</c>, byte for byte.</summary>
public sealed class RoundTripTests
{
    private static readonly string[] ConsumeAll = ["--from-beginning", "--exit-at-end"];

    [Fact]
    public async Task Consume_GivesTheInputBack_AlsoAfterAStopAndAfterAKill()
    {
        using var directory = new TemporaryDirectory();
        var address = BrokerAddress.In(directory["data"]);
        var input = SampleText.Generate(30_000_000, seed: 1);
        var expected = Convert.ToHexStringLower(SHA256.HashData(input));

        await using (var broker = await Broker.StartAsync(address))
        {
            (await broker.OstreamAsync("topics", "create", "packages", "--partitions", "1")).ShouldSucceed();
            (await broker.OstreamAsync(stdin => stdin.WriteAsync(input).AsTask(), "produce", "packages")).ShouldSucceed();
            await ShouldHoldAsync(broker, expected, "while the broker that took it runs");
            (await broker.StopAsync()).ExitCode.ShouldBe(0);
        }

        await using (var broker = await Broker.StartAsync(address))
        {
            await ShouldHoldAsync(broker, expected, "after a clean stop");
            await broker.KillAsync();
        }

        await using (var broker = await Broker.StartAsync(address))
        {
            await ShouldHoldAsync(broker, expected, "after kill -9");
        }
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("snappy")]
    [InlineData("lz4")]
    [InlineData("zstd")]
    public async Task Consume_GivesTheInputBack_WhenItWasCompressed(string compression)
    {
        using var directory = new TemporaryDirectory();
        await using var broker = await Broker.StartAsync(BrokerAddress.In(directory["data"]));
        (await broker.OstreamAsync("topics", "create", "t", "--partitions", "1")).ShouldSucceed();
        var input = SampleText.Generate(3_000_000, seed: 2);

        var produced = await broker.OstreamAsync(stdin => stdin.WriteAsync(input).AsTask(), "produce", "t", "--compression", compression);
        Assert.SkipWhen(produced.Error.Contains($"lib{compression}", StringComparison.Ordinal), $"this machine has no lib{compression}");
        produced.ShouldSucceed();

        await ShouldHoldAsync(broker, Convert.ToHexStringLower(SHA256.HashData(input)), compression, "t");
    }

    [Fact]
    public async Task Produce_CreatesTheTopic_WhenItIsNotThere()
    {
        using var directory = new TemporaryDirectory();
        await using var broker = await Broker.StartAsync(BrokerAddress.In(directory["data"]));
        await File.WriteAllTextAsync(directory["lines"], "one\ntwo\nthree", TestContext.Current.CancellationToken);

        (await broker.OstreamAsync("produce", "fresh", "--file", directory["lines"])).ShouldSucceed();

        (await broker.OstreamAsync(["topics", "list"])).Output.ShouldBe("fresh\n");
        var consumed = await broker.OstreamAsync(["consume", "fresh", .. ConsumeAll]);
        consumed.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order().ShouldBe(["one", "three", "two"]);
    }

    [Fact]
    public async Task Consume_KeepsTheOrderOfEachKey_WhenThereAreSeveralPartitions()
    {
        using var directory = new TemporaryDirectory();
        await using var broker = await Broker.StartAsync(BrokerAddress.In(directory["data"]));
        (await broker.OstreamAsync("topics", "create", "t", "--partitions", "5")).ShouldSucceed();
        var input = new StringBuilder();
        for (var number = 0; number < 20_000; number++)
        {
            input.Append($"key{number % 37}:{number}\n");
        }

        (await broker.OstreamAsync(stdin => stdin.WriteAsync(Encoding.ASCII.GetBytes(input.ToString())).AsTask(), "produce", "t", "--key-separator", ":")).ShouldSucceed();

        var consumed = await broker.OstreamAsync(["consume", "t", "--print-key", "--key-separator", ":", .. ConsumeAll]);
        consumed.ShouldSucceed();
        var records = consumed.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(':')).ToArray();
        records.Length.ShouldBe(20_000);
        foreach (var key in records.GroupBy(record => record[0], record => int.Parse(record[1], CultureInfo.InvariantCulture)))
        {
            key.ToArray().ShouldBe(key.Order().ToArray(), $"records of {key.Key}");
        }
    }

    [Fact]
    public async Task Consume_StartsWhereItIsTold_WhenAnOffsetOrANumberIsGiven()
    {
        using var directory = new TemporaryDirectory();
        await using var broker = await Broker.StartAsync(BrokerAddress.In(directory["data"]));
        (await broker.OstreamAsync("topics", "create", "t", "--partitions", "1")).ShouldSucceed();
        (await broker.OstreamAsync(stdin => stdin.WriteAsync("a\nb\nc\nd\n"u8.ToArray()).AsTask(), "produce", "t", "--header", "h=1")).ShouldSucceed();

        (await broker.OstreamAsync("consume", "t", "--offset", "1", "--max", "2")).Output.ShouldBe("b\nc\n");
        (await broker.OstreamAsync("consume", "t", "--exit-at-end")).Output.ShouldBe("");
        (await broker.OstreamAsync("consume", "t", "--timestamp", "0", "--exit-at-end")).Output.ShouldBe("a\nb\nc\nd\n");
        (await broker.OstreamAsync("consume", "t", "--offset", "3", "--exit-at-end", "--print-offset", "--print-headers", "--key-separator", "|")).Output.ShouldBe("3|h:1|d\n");
        var json = await broker.OstreamAsync("consume", "t", "--from-beginning", "--max", "1", "--json");
        json.Output.ShouldStartWith("{\"topic\":\"t\",\"partition\":0,\"offset\":0,\"timestamp\":");
        json.Output.ShouldEndWith("\"headers\":[{\"key\":\"h\",\"value\":\"1\"}],\"key\":null,\"value\":\"a\"}\n");
    }

    [Fact]
    public async Task Consume_EndsQuietly_WhenItsReaderHasGone()
    {
        using var directory = new TemporaryDirectory();
        await using var broker = await Broker.StartAsync(BrokerAddress.In(directory["data"]));
        (await broker.OstreamAsync(stdin => stdin.WriteAsync(SampleText.Generate(5_000_000, seed: 3)).AsTask(), "produce", "t")).ShouldSucceed();

        using var consumer = broker.StartOstream(["consume", "t", "--from-beginning"]);
        var error = consumer.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        (await consumer.StandardOutput.BaseStream.ReadAsync(new byte[100], TestContext.Current.CancellationToken)).ShouldBeGreaterThan(0);
        consumer.StandardOutput.Close();
        await consumer.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        consumer.ExitCode.ShouldBe(0);
        (await error).ShouldBeEmpty();
    }

    [Fact]
    public async Task Consume_WritesWhatItHasAndEnds_WhenItIsInterrupted()
    {
        using var directory = new TemporaryDirectory();
        await using var broker = await Broker.StartAsync(BrokerAddress.In(directory["data"]));
        (await broker.OstreamAsync(stdin => stdin.WriteAsync("a\nb\n"u8.ToArray()).AsTask(), "produce", "t", "--partition", "0")).ShouldSucceed();

        using var consumer = broker.StartOstream(["consume", "t", "--from-beginning"]);
        (await ReadLineAsync(consumer)).ShouldBe("a");
        (await ReadLineAsync(consumer)).ShouldBe("b");
        consumer.SendInterrupt();
        var ended = await consumer.RunToEndAsync();
        ended.ExitCode.ShouldBe(0, ended.Error);
        ended.Output.ShouldBeEmpty();
        ended.Error.ShouldBeEmpty();
    }

    [Fact]
    public async Task Consume_ShowsARecordAtOnce_WhenItWaitsAtTheEnd()
    {
        using var directory = new TemporaryDirectory();
        await using var broker = await Broker.StartAsync(BrokerAddress.In(directory["data"]));
        (await broker.OstreamAsync("topics", "create", "t", "--partitions", "1")).ShouldSucceed();
        using var consumer = broker.StartOstream(["consume", "t", "--from-beginning"]);
        foreach (var word in new[] { "first", "second" })
        {
            (await broker.OstreamAsync(stdin => stdin.WriteAsync(Encoding.ASCII.GetBytes(word)).AsTask(), "produce", "t")).ShouldSucceed();
            (await ReadLineAsync(consumer)).ShouldBe(word);
        }

        consumer.Kill();
    }

    private static async Task<string?> ReadLineAsync(Process process) =>
        await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

    private static async Task ShouldHoldAsync(Broker broker, string expectedSha256, string when, string topic = "packages")
    {
        var consumed = await broker.OstreamAsync(["consume", topic, .. ConsumeAll]);
        consumed.ShouldSucceed();
        consumed.OutputSha256.ShouldBe(expectedSha256, when);
    }
}
