using OrleansStream.Abstractions;
using OrleansStream.Cluster.Tests.Clusters;

namespace OrleansStream.Cluster.Tests.Brokers;

public sealed class ProduceAndFetchTests
{
    [Fact]
    public async Task Produce_IsReadBackInOrder_WithOffsetsFromZero()
    {
        await using var cluster = await BrokerCluster.StartAsync();
        await cluster.CreateTopicAsync("orders");

        (await cluster.ProduceAsync("orders", Batches.Of("a", "b"))).BaseOffset.ShouldBe(0);
        (await cluster.ProduceAsync("orders", Batches.Of("ç", "d"))).BaseOffset.ShouldBe(2);

        (await cluster.ReadAllAsync("orders")).ShouldBe(["a", "b", "ç", "d"]);
        (await cluster.ReadAllAsync("orders", offset: 2)).ShouldBe(["ç", "d"]);
    }

    [Fact]
    public async Task Fetch_WakesUp_WhenRecordsArrive()
    {
        await using var cluster = await BrokerCluster.StartAsync();
        await cluster.CreateTopicAsync("orders", partitions: 3);

        var fetch = cluster.FetchAsync(60_000, ("orders", 0, 0), ("orders", 1, 0), ("orders", 2, 0));
        await cluster.ProduceAsync("orders", Batches.Of("a"), partition: 2);
        var answer = await fetch.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);

        answer.Partitions.Select(partition => partition.Records.IsEmpty).ShouldBe([true, true, false]);
    }

    [Fact]
    public async Task Fetch_AnswersEmpty_WhenNothingArrivesInTime()
    {
        await using var cluster = await BrokerCluster.StartAsync();
        await cluster.CreateTopicAsync("orders");

        var answer = (await cluster.FetchAsync(50, ("orders", 0, 0))).Partitions.ShouldHaveSingleItem();

        answer.Error.ShouldBe(ErrorCode.None);
        answer.Records.IsEmpty.ShouldBeTrue();
        answer.HighWatermark.ShouldBe(0);
    }

    [Fact]
    public async Task Fetch_GathersItsMinimum_OverSeveralAppends()
    {
        await using var cluster = await BrokerCluster.StartAsync();
        await cluster.CreateTopicAsync("orders");
        var batch = Batches.Of("a");

        var fetch = cluster.FetchAsync(60_000, minBytes: 3 * batch.Length, 1 << 20, CancellationToken.None, ("orders", 0, 0));
        for (var i = 0; i < 3; i++)
        {
            fetch.IsCompleted.ShouldBeFalse($"after {i} of 3 batches");
            await cluster.ProduceAsync("orders", batch);
        }

        (await fetch.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken)).Partitions[0].Records.Length.ShouldBe(3 * batch.Length);
    }

    [Fact]
    public async Task Fetch_AnswersWithWhatIsThere_WhenTheBrokerStops()
    {
        await using var cluster = await BrokerCluster.StartAsync();
        await cluster.CreateTopicAsync("orders");
        await cluster.CreateTopicAsync("other");
        await cluster.ProduceAsync("other", Batches.Of("a"));

        var fetch = cluster.FetchAsync(300_000, minBytes: 1 << 20, 1 << 20, CancellationToken.None, ("orders", 0, 0), ("other", 0, 0));

        // The fetch is under way before the broker is told to stop: it is older than this answered one.
        await cluster.FetchAsync(1, ("orders", 0, 0));
        await cluster.StopBrokerAsync();

        (await fetch.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken)).Partitions[1].Records.IsEmpty.ShouldBeFalse();
    }

    [Fact]
    public async Task Fetch_GivesEveryPartitionItsTurn_WhenOneAloneFillsTheAnswer()
    {
        await using var cluster = await BrokerCluster.StartAsync();
        await cluster.CreateTopicAsync("orders", partitions: 3);
        for (var partition = 0; partition < 3; partition++)
        {
            await cluster.ProduceAsync("orders", Batches.Of(new string('x', 1000)), partition);
        }

        var served = new HashSet<int>();
        for (var i = 0; i < 3; i++)
        {
            var answer = await cluster.FetchAsync(0, 1, maxBytes: 1, CancellationToken.None, ("orders", 0, 0), ("orders", 1, 0), ("orders", 2, 0));
            served.Add(Array.FindIndex(answer.Partitions, partition => !partition.Records.IsEmpty));
        }

        served.ShouldBe([0, 1, 2], ignoreOrder: true);
    }

    [Fact]
    public async Task Produce_IsAppendedOnce_WhenTheSameSequenceComesAgain()
    {
        await using var cluster = await BrokerCluster.StartAsync();
        await cluster.CreateTopicAsync("orders");
        var producer = await cluster.Cluster.InitProducerIdAsync(new InitProducerIdRequest(null, -1, -1, -1), CancellationToken.None);
        producer.Error.ShouldBe(ErrorCode.None);
        await cluster.ProduceAsync("orders", Batches.Of(producer.ProducerId, 0, "a", "b"));
        await cluster.ProduceAsync("orders", Batches.Of(producer.ProducerId, 2, "c"));

        (await cluster.ProduceAsync("orders", Batches.Of(producer.ProducerId, 0, "a", "b"))).BaseOffset.ShouldBe(0);
        (await cluster.ProduceAsync("orders", Batches.Of(producer.ProducerId, 4, "e"))).Error.ShouldBe(ErrorCode.OutOfOrderSequenceNumber);

        (await cluster.ReadAllAsync("orders")).ShouldBe(["a", "b", "c"]);
    }

    [Fact]
    public async Task InitProducerId_NeverGivesAnIdTwice()
    {
        await using var cluster = await BrokerCluster.StartAsync();
        var ids = new List<long>();
        for (var life = 0; life < 2; life++)
        {
            for (var i = 0; i < 5; i++)
            {
                ids.Add((await cluster.Cluster.InitProducerIdAsync(new InitProducerIdRequest(null, -1, -1, -1), CancellationToken.None)).ProducerId);
            }

            await cluster.RestartAsync();
        }

        ids.ShouldBeUnique();
        (await cluster.Cluster.InitProducerIdAsync(new InitProducerIdRequest("tx", 1000, -1, -1), CancellationToken.None)).Error.ShouldNotBe(ErrorCode.None);
    }
}
