using Microsoft.Extensions.Logging.Abstractions;
using NSubstitute;
using OrleansStream.Abstractions;
using OrleansStream.Core.Controller;
using OrleansStream.Grains.Controllers;
using OrleansStream.Grains.Tests.Doubles;

namespace OrleansStream.Grains.Tests.Controllers;

public sealed class BrokerChannelTests : IAsyncDisposable
{
    private long _number;
    private readonly ManualTimeProvider _time = new();
    private readonly IBrokerGrain _broker = Substitute.For<IBrokerGrain>();
    private readonly List<string> _calls = [];
    private readonly TaskCompletionSource<IReadOnlyCollection<TopicPartition>> _offline = new();
    private readonly TaskCompletionSource<IReadOnlyCollection<(TopicPartition Partition, ErrorCode Error)>> _stopped = new();
    private readonly BrokerChannel _channel;

    public BrokerChannelTests()
    {
        _broker.LeaderAndIsrAsync(null!, TestContext.Current.CancellationToken).ReturnsForAnyArgs(call => Note(
            "LeaderAndIsr", new LeaderAndIsrResponse(ErrorCode.None, [.. call.Arg<LeaderAndIsrRequest>().Partitions.Select(p => p.Partition == 1 ? ErrorCode.KafkaStorageError : ErrorCode.None)])));
        _broker.UpdateMetadataAsync(null!, TestContext.Current.CancellationToken).ReturnsForAnyArgs(_ => Note("UpdateMetadata", ErrorCode.None));
        _broker.StopReplicaAsync(null!, TestContext.Current.CancellationToken).ReturnsForAnyArgs(call => Note(
            "StopReplica", new LeaderAndIsrResponse(ErrorCode.None, [.. call.Arg<StopReplicaRequest>().Partitions.Select(_ => ErrorCode.None)])));
        _channel = Channel(isFarewell: false);
    }

    public ValueTask DisposeAsync() => _channel.DisposeAsync();

    [Fact]
    public async Task TrySend_TellsLeadersFirst_ThenMetadata_ThenStops_AndReportsBack()
    {
        _channel.TrySend(Instruction(leaders: 2, stops: 1)).ShouldBeTrue();

        (await Soon(_stopped.Task)).ShouldBe([(new TopicPartition("gone", 0), ErrorCode.None)]);
        (await Soon(_offline.Task)).ShouldBe([new TopicPartition("orders", 1)]);
        _calls.ShouldBe(["LeaderAndIsr", "UpdateMetadata", "StopReplica"]);
    }

    [Fact]
    public async Task TrySend_OfAFarewell_TellsMetadataAndStops_AndReportsNothing()
    {
        await using var farewell = Channel(isFarewell: true);
        farewell.TrySend(Instruction(leaders: 0, stops: 1)).ShouldBeTrue();
        await Soon(farewell.WhenToldAsync());

        _calls.ShouldBe(["UpdateMetadata", "StopReplica"]);
        _stopped.Task.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task TrySend_OfAFarewell_IsGivenUp_WhenTheBrokerIsDead()
    {
        var tried = new TaskCompletionSource();
        _broker.UpdateMetadataAsync(null!, TestContext.Current.CancellationToken).ReturnsForAnyArgs<Task<ErrorCode>>(_ =>
        {
            tried.TrySetResult();
            throw new TimeoutException("nobody answers");
        });
        _calls.Clear();
        await using var farewell = Channel(isFarewell: true);
        farewell.TrySend(Instruction(leaders: 0, stops: 1)).ShouldBeTrue();
        var told = farewell.WhenToldAsync();
        await Soon(tried.Task);

        _time.Advance(TimeSpan.FromSeconds(5));

        await Soon(told);
        _calls.ShouldBeEmpty();
    }

    [Fact]
    public async Task TrySend_CutsManyPartitionsIntoRequests()
    {
        _channel.TrySend(Instruction(leaders: InstructionMessages.MaxPartitionsPerRequest + 1, stops: 1)).ShouldBeTrue();
        await Soon(_stopped.Task);

        _calls.ShouldBe(["LeaderAndIsr", "LeaderAndIsr", "UpdateMetadata", "StopReplica"]);
    }

    [Fact]
    public async Task TrySend_TriesAgain_UntilTheBrokerAnswers()
    {
        var failed = new TaskCompletionSource();
        var failures = 0;
        _broker.UpdateMetadataAsync(null!, TestContext.Current.CancellationToken).ReturnsForAnyArgs(_ =>
        {
            if (failures++ < 2)
            {
                return Task.FromException<ErrorCode>(new TimeoutException("no answer"));
            }

            failed.TrySetResult();
            return Note("UpdateMetadata", ErrorCode.None);
        });
        _calls.Clear();

        _channel.TrySend(Instruction(leaders: 0, stops: 1));
        while (!_stopped.Task.IsCompleted)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        _calls.ShouldBe(["UpdateMetadata", "StopReplica"]);
        failures.ShouldBe(3);
    }

    [Fact]
    public async Task TrySend_SaysNothingMore_WhenTheBrokerHasHeardOfANewerController()
    {
        var refused = new TaskCompletionSource();
        _broker.UpdateMetadataAsync(null!, TestContext.Current.CancellationToken).ReturnsForAnyArgs(_ =>
        {
            refused.TrySetResult();
            return Task.FromResult(ErrorCode.StaleControllerEpoch);
        });
        _calls.Clear();

        _channel.TrySend(Instruction(leaders: 0, stops: 1));
        await Soon(refused.Task.ContinueWith(_ => 0, TaskScheduler.Default));
        await _channel.DisposeAsync();

        _calls.ShouldBeEmpty();
    }

    [Fact]
    public void TrySend_IsRefused_WhenTheLineIsFull()
    {
        _broker.UpdateMetadataAsync(null!, TestContext.Current.CancellationToken).ReturnsForAnyArgs(new TaskCompletionSource<ErrorCode>().Task);

        Enumerable.Range(0, 2000).Any(_ => !_channel.TrySend(Instruction(leaders: 0, stops: 0))).ShouldBeTrue();
    }

    private static BrokerInstruction Instruction(int leaders, int stops) => new(
        2,
        50,
        9,
        [.. Enumerable.Range(0, leaders).Select(p => new PartitionInstruction(
            new TopicPartition("orders", p), Guid.Empty, new ReplicaAssignment(2), new PartitionState(new LeaderAndIsr(2, 0, [2], 9), 0, 1), [], true))],
        new MetadataUpdate(true, [], [], []),
        [.. Enumerable.Range(0, stops).Select(p => new ReplicaStop(new TopicPartition("gone", p), -2, true))]);

    private BrokerChannel Channel(bool isFarewell) => new(
        2,
        50,
        isFarewell,
        _broker,
        new ControllerContext(1, 9, "cluster", (_, _, partitions) => _offline.TrySetResult(partitions), (_, results) => _stopped.TrySetResult(results), () => ++_number, _time, NullLogger.Instance));

    private static Task Soon(Task task) => task.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);

    private static Task<T> Soon<T>(Task<T> task) => task.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);

    private Task<T> Note<T>(string call, T answer)
    {
        _calls.Add(call);
        return Task.FromResult(answer);
    }
}
