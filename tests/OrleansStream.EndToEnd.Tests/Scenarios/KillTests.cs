using System.Globalization;
using System.Security.Cryptography;
using OrleansStream.Client;
using OrleansStream.EndToEnd.Tests.Processes;

namespace OrleansStream.EndToEnd.Tests.Scenarios;

/// <summary>Kill -9 of the broker in mid-produce loses nothing acknowledged, and the producer carries on by itself.</summary>
public sealed class KillTests
{
    /// <summary>How often the broker is killed; tests/kill9.sh sets the variable.</summary>
    private static readonly int Kills =
        int.TryParse(Environment.GetEnvironmentVariable("OSTREAM_KILLS"), CultureInfo.InvariantCulture, out var kills) ? kills : 3;

    [Fact]
    public async Task Broker_HoldsEveryAcknowledgedRecordOnceAndInOrder_WhenItIsKilledInMidProduce()
    {
        var seed = Environment.TickCount;
        TestContext.Current.SendDiagnosticMessage($"seed {seed}");
        var random = new Random(seed);
        using var directory = new TemporaryDirectory();
        var address = BrokerAddress.In(directory["data"]);
        var broker = await Broker.StartAsync(address);
        try
        {
            await using var client = await broker.ConnectAsync();
            await client.Admin.CreateTopicAsync(new TopicSpecification("t", 3), TestContext.Current.CancellationToken);
            await using var records = new AcknowledgedRecords(client, "t", 3);
            for (var kill = 1; kill <= Kills; kill++)
            {
                await records.WaitForAsync(records.Acknowledged + random.Next(1, 30_000));
                await broker.KillAsync();
                await broker.DisposeAsync();
                broker = await Broker.StartAsync(address);
                await records.ShouldBeThereAsync(client);
                TestContext.Current.SendDiagnosticMessage(
                    $"kill {kill} of {Kills}: {records.Acknowledged} records acknowledged, ready again after {broker.StartTime.TotalMilliseconds:F0} ms");
            }

            await records.WaitForAsync(records.Acknowledged + 1_000);
            await records.StopAsync();
            await records.ShouldBeThereAsync(client);
        }
        finally
        {
            await broker.DisposeAsync();
        }
    }

    [Fact]
    public async Task OstreamProduce_CarriesOnByItself_WhenTheBrokerIsKilled()
    {
        using var directory = new TemporaryDirectory();
        var address = BrokerAddress.In(directory["data"]);
        var input = SampleText.Generate(8_000_000, seed: 4);
        var broker = await Broker.StartAsync(address);
        try
        {
            (await broker.OstreamAsync("topics", "create", "t", "--partitions", "1")).ShouldSucceed();
            var produced = await broker.OstreamAsync(
                async stdin =>
                {
                    var half = input.Length / 2;
                    await stdin.WriteAsync(input.AsMemory(0, half));
                    await stdin.FlushAsync();
                    await broker.KillAsync();
                    await broker.DisposeAsync();
                    broker = await Broker.StartAsync(address);
                    await stdin.WriteAsync(input.AsMemory(half));
                },
                "produce",
                "t");
            produced.ShouldSucceed();

            var consumed = await broker.OstreamAsync("consume", "t", "--from-beginning", "--exit-at-end");
            consumed.ShouldSucceed();
            consumed.OutputSha256.ShouldBe(Convert.ToHexStringLower(SHA256.HashData(input)));
        }
        finally
        {
            await broker.DisposeAsync();
        }
    }
}
