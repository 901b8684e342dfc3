using OrleansStream.Client;
using OrleansStream.EndToEnd.Tests.Processes;

namespace OrleansStream.EndToEnd.Tests.Scenarios;

/// <summary>Many partitions with data in one broker.</summary>
public sealed class ManyPartitionsTests
{
    private const int Partitions = 200;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Broker_HasEveryPartitionAgain_WhenItRestarts(bool killed)
    {
        using var directory = new TemporaryDirectory();
        var address = BrokerAddress.In(directory["data"]);
        await using (var broker = await Broker.StartAsync(address))
        {
            await using var client = await broker.ConnectAsync();
            await client.Admin.CreateTopicAsync(new TopicSpecification("many", Partitions), TestContext.Current.CancellationToken);
            await using var producer = client.CreateProducer<Null, int>();
            for (var round = 0; round < 3; round++)
            {
                for (var partition = 0; partition < Partitions; partition++)
                {
                    await producer.SendAsync(
                        "many", new Message<Null, int>(null, partition) { Partition = partition }, cancellationToken: TestContext.Current.CancellationToken);
                }
            }

            await producer.FlushAsync(TestContext.Current.CancellationToken);
            await (killed ? broker.KillAsync() : broker.StopAsync());
        }

        await using (var broker = await Broker.StartAsync(address))
        {
            await using var client = await broker.ConnectAsync();
            await using var consumer = client.CreateConsumer<Null, int>();
            await consumer.AssignTopicAsync("many", OffsetSpec.Earliest, TestContext.Current.CancellationToken);
            var counts = new int[Partitions];
            await foreach (var record in consumer.ConsumeAsync(ConsumeUntil.CurrentEnd, TestContext.Current.CancellationToken))
            {
                record.Value.ShouldBe(record.Partition);
                record.Offset.ShouldBe(counts[record.Partition]++);
            }

            counts.ShouldAllBe(count => count == 3);
            broker.StartTime.ShouldBeLessThan(TimeSpan.FromSeconds(30));
            broker.ResidentBytes.ShouldBeLessThan(1L << 30);
        }
    }
}
