using Orleans.Runtime;

namespace OrleansStream.Client.Tests.Admin;

public sealed class AdminClientTests : IAsyncDisposable
{
    private readonly FakeCluster _cluster = new FakeCluster().AddTopic("b", 2).AddTopic("a");
    private readonly OrleansStreamClient _client;

    public AdminClientTests() => _client = _cluster.Connect();

    public ValueTask DisposeAsync() => _client.DisposeAsync();

    [Fact]
    public async Task ListTopicsAsync_SortsByName()
        => (await _client.Admin.ListTopicsAsync()).Select(topic => topic.Name).ShouldBe(["a", "b"]);

    [Fact]
    public async Task CreateTopicAsync_Throws_WhenItExists_AndEnsureDoesNot()
    {
        var exception = await Should.ThrowAsync<TopicOperationException>(_client.Admin.CreateTopicAsync(new TopicSpecification("a", 3)));
        exception.Error.ShouldBe(ErrorCode.TopicAlreadyExists);
        exception.Message.ShouldBe("Topic 'a' exists already.");

        (await _client.Admin.EnsureTopicAsync(new TopicSpecification("a", 3))).ShouldBeFalse();
        (await _client.Admin.EnsureTopicAsync(new TopicSpecification("c", 3))).ShouldBeTrue();
        (await _client.Admin.DescribeTopicAsync("c")).Partitions.Length.ShouldBe(3);
    }

    [Fact]
    public async Task DescribeTopicAsync_SaysSo_WhenThereIsNone()
        => (await Should.ThrowAsync<TopicOperationException>(_client.Admin.DescribeTopicAsync("zz"))).Message.ShouldBe("There is no topic 'zz'.");

    [Fact]
    public async Task DeleteTopicAsync_Deletes_AndThrowsTheSecondTime()
    {
        await _client.Admin.DeleteTopicAsync("a");
        (await Should.ThrowAsync<TopicOperationException>(_client.Admin.DeleteTopicAsync("a"))).Error.ShouldBe(ErrorCode.UnknownTopicOrPartition);
    }

    [Fact]
    public async Task ListOffsetsAsync_AnswersEachPlace()
    {
        _cluster["b"].AppendValues("x", "y");

        var offsets = await _client.Admin.ListOffsetsAsync(
        [
            new TopicPartitionOffset("b", 0, OffsetSpec.Latest),
            new TopicPartitionOffset("b", 1, OffsetSpec.At(7)),
            new TopicPartitionOffset("b", 5, OffsetSpec.Earliest),
        ]);

        offsets[new TopicPartition("b", 0)].Offset.ShouldBe(2);
        offsets[new TopicPartition("b", 1)].Offset.ShouldBe(7);
        offsets[new TopicPartition("b", 5)].Error.ShouldBe(ErrorCode.UnknownTopicOrPartition);
    }

    [Fact]
    public async Task DeleteRecordsAsync_MovesTheLogStart()
    {
        _cluster["b"].AppendValues("x", "y", "z");

        var answers = await _client.Admin.DeleteRecordsAsync(new Dictionary<TopicPartition, long> { [new("b", 0)] = 2 });

        answers[new TopicPartition("b", 0)].LowWatermark.ShouldBe(2);
    }

    [Fact]
    public async Task DescribeClusterAsync_TriesAgain_WhenASiloIsAway()
    {
        var failures = 2;
        _cluster.OnMetadata = _ => failures-- > 0 ? new SiloUnavailableException("away") : null;

        (await _client.Admin.DescribeClusterAsync()).ControllerId.ShouldBe(1);
    }

    [Fact]
    public async Task DescribeReplicasAsync_AsksEveryBroker()
        => (await _client.Admin.DescribeReplicasAsync()).Select(replica => (replica.Topic, replica.BrokerId)).ShouldBe([("a", 1), ("b", 1)]);
}
