using System.Text;

namespace OrleansStream.Client.Tests.Partitioning;

public sealed class DefaultPartitionerTests
{
    // Utils.murmur2 of Kafka's own tests (org.apache.kafka.common.utils.UtilsTest.testMurmur2), as positive hashes.
    [Theory]
    [InlineData("21", -973932308)]
    [InlineData("foobar", -790332482)]
    [InlineData("a-little-bit-long-string", -985981536)]
    [InlineData("a-little-bit-longer-string", -1486304829)]
    [InlineData("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971)]
    [InlineData("abc", 479470107)]
    public void SelectPartition_IsKafkasMurmur2_WhenThereIsAKey(string key, int murmur2)
    {
        var partitioner = new DefaultPartitioner();
        foreach (var count in new[] { 1, 2, 3, 10, 100 })
        {
            partitioner.SelectPartition(Context(key, count, available: [])).ShouldBe((murmur2 & 0x7fffffff) % count);
        }
    }

    [Fact]
    public void SelectPartition_CountsPartitionsWithoutLeader_WhenThereIsAKey()
    {
        var partitioner = new DefaultPartitioner();

        partitioner.SelectPartition(Context("abc", 10, available: [0])).ShouldBe(479470107 % 10);
    }

    [Fact]
    public void SelectPartition_HashesAnEmptyKey_LikeAnyOther()
        => new DefaultPartitioner().SelectPartition(Context(string.Empty, 7, [])).ShouldBe((275646681 & 0x7fffffff) % 7);

    [Fact]
    public void SelectPartition_StaysForTheStickyBytes_WhenThereIsNoKey()
    {
        var partitioner = new DefaultPartitioner(stickyBytes: 1000, new Random(1));
        var chosen = Enumerable.Range(0, 200).Select(_ => partitioner.SelectPartition(Context(null, 8, [0, 1, 2, 3, 4, 5, 6, 7], 100))).ToArray();

        chosen.Chunk(10).ShouldAllBe(run => run.Distinct().Count() == 1);
        chosen.Distinct().Count().ShouldBeGreaterThan(4);
    }

    [Fact]
    public void SelectPartition_SharesBytesEvenly_WhenThereIsNoKey()
    {
        var partitioner = new DefaultPartitioner(stickyBytes: 1000, new Random(2));
        var counts = new int[4];
        for (var i = 0; i < 100_000; i++)
        {
            counts[partitioner.SelectPartition(Context(null, 4, [0, 1, 2, 3], 100))]++;
        }

        counts.ShouldAllBe(count => count > 23_000 && count < 27_000);
    }

    [Fact]
    public void SelectPartition_TakesOnlyPartitionsWithLeader_WhenThereIsNoKey()
    {
        var partitioner = new DefaultPartitioner(stickyBytes: 1);

        for (var i = 0; i < 100; i++)
        {
            partitioner.SelectPartition(Context(null, 4, [1, 3])).ShouldBeOneOf(1, 3);
        }
    }

    [Fact]
    public async Task ProduceAsync_AsksThePartitioner_WhenOneIsGiven()
    {
        var cluster = new FakeCluster().AddTopic("t", 5);
        await using var client = cluster.Connect();
        await using var producer = client.CreateProducer<string, string>(options => options.Partitioner = new Always(4));

        (await producer.ProduceAsync("t", "k", "v").Within("the delivery")).Partition.ShouldBe(4);
    }

    private static PartitionerContext Context(string? key, int partitionCount, int[] available, int recordBytes = 10)
        => new("t", partitionCount, key is not null, key is null ? default : Encoding.UTF8.GetBytes(key), recordBytes, available);

    private sealed class Always(int partition) : IPartitioner
    {
        public int SelectPartition(in PartitionerContext context) => partition;
    }
}
