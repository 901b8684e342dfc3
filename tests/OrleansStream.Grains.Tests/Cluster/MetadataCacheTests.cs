using OrleansStream.Abstractions;
using OrleansStream.Grains.Cluster;
using OrleansStream.Grains.Tests.Doubles;

namespace OrleansStream.Grains.Tests.Cluster;

public sealed class MetadataCacheTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly MetadataCache _cache;

    public MetadataCacheTests() => _cache = new MetadataCache(_time);

    [Fact]
    public void Apply_MergesReplacesAndForgets()
    {
        _cache.Apply(Update(isFull: true, deleted: [], Topic("a", 1), Topic("b", 1)));
        _cache.Apply(Update(isFull: false, deleted: ["b"], Topic("a", 3), Topic("c", 1)));
        _cache.Current.Topics.Keys.ShouldBe(["a", "c"]);
        _cache.Current.Find(new TopicPartition("a", 2)).ShouldNotBeNull();
        _cache.Current.Find(new TopicPartition("a", 3)).ShouldBeNull();
        _cache.Current.Find(new TopicPartition("a", -1)).ShouldBeNull();

        _cache.Apply(Update(isFull: true, deleted: [], Topic("d", 1)));

        _cache.Current.Topics.Keys.ShouldBe(["d"]);
    }

    [Fact]
    public async Task WaitUntilAsync_Completes_WhenTheConditionComesTrue()
    {
        var wait = _cache.WaitUntilAsync(snapshot => snapshot.Topics.ContainsKey("b"), TimeSpan.FromSeconds(1), CancellationToken.None);
        _cache.Apply(Update(true, [], Topic("a", 1)));
        wait.IsCompleted.ShouldBeFalse();
        _cache.Apply(Update(false, [], Topic("b", 1)));

        (await wait).ShouldBeTrue();
    }

    [Fact]
    public async Task WaitUntilAsync_GivesUp_WhenTheTimeIsOver()
    {
        var wait = _cache.WaitUntilAsync(_ => false, TimeSpan.FromSeconds(1), CancellationToken.None);

        _time.Advance(TimeSpan.FromSeconds(1));

        (await wait).ShouldBeFalse();
        (await _cache.WaitUntilAsync(_ => false, TimeSpan.Zero, CancellationToken.None)).ShouldBeFalse();
    }

    private static TopicMetadata Topic(string name, int partitions) => new(
        ErrorCode.None, name, Guid.Empty, false, [.. Enumerable.Range(0, partitions).Select(p => new PartitionMetadata(ErrorCode.None, p, 1, 0, [1], [1], []))]);

    private static UpdateMetadataRequest Update(bool isFull, string[] deleted, params TopicMetadata[] topics)
        => new(1, 1, 1, new ClusterMetadata("cluster", 1, [], topics), isFull, deleted);
}
