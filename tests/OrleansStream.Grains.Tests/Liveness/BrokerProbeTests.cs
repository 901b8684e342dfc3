using System.Collections.Concurrent;
using System.Threading.Channels;
using NSubstitute;
using Orleans;
using OrleansStream.Abstractions;
using OrleansStream.Core.Configuration;
using OrleansStream.Core.Controller;
using OrleansStream.Grains.Liveness;
using OrleansStream.Grains.Partitions;
using OrleansStream.Grains.Tests.Doubles;

namespace OrleansStream.Grains.Tests.Liveness;

public sealed class BrokerProbeTests : IDisposable
{
    private const int Watched = 2;
    private const int Witness = 3;
    private const long Epoch = 50;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    private readonly ManualTimeProvider _time = new();
    private readonly IGrainFactory _grains = Substitute.For<IGrainFactory>();
    private readonly CancellationTokenSource _stop = new();
    private readonly Channel<TaskCompletionSource<long>> _pings = Channel.CreateUnbounded<TaskCompletionSource<long>>();
    private readonly Channel<TaskCompletionSource<bool>> _votes = Channel.CreateUnbounded<TaskCompletionSource<bool>>();
    private readonly Channel<int> _looks = Channel.CreateUnbounded<int>();
    private readonly ConcurrentQueue<TaskCompletionSource<long>> _unanswered = new();
    private readonly BrokerProbe _probe;
    private int _notAgreed;

    public BrokerProbeTests()
    {
        var watched = Substitute.For<ILivenessGrain>();
        watched.PingAsync(default).ReturnsForAnyArgs(_ => Asked(_pings));
        var witness = Substitute.For<ILivenessGrain>();
        witness.ReachesAsync(default, default, default).ReturnsForAnyArgs(_ => Asked(_votes));
        _grains.GetGrain<ILivenessGrain>(Watched).Returns(watched);
        _grains.GetGrain<ILivenessGrain>(Witness).Returns(witness);
        _probe = new BrokerProbe(_grains, new Configs(), _time);
    }

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
    }

    [Fact]
    public async Task WhenDeadAsync_AsksTheOthers_InTimeForTheSession()
    {
        var death = await WatchAsync([Witness]);
        await PassAsync(5);
        _votes.Reader.Count.ShouldBe(0);

        await PassAsync(1);
        (await NextAsync(_votes)).SetResult(false);

        await Soon(death);
        _notAgreed.ShouldBe(0);
    }

    [Fact(Timeout = 60_000)]
    public async Task WhenDeadAsync_AsksAgain_WhileItIsSilentAndTheOthersDoNotAgree()
    {
        var death = await WatchAsync([Witness]);
        await PassAsync(6);
        (await NextAsync(_votes)).SetResult(true);

        // Which interval hears that answer, and asks again, is up to the thread pool.
        while (!death.IsCompleted)
        {
            _time.Advance(Interval);
            await Task.Yield();
            while (_votes.Reader.TryRead(out var vote))
            {
                vote.SetResult(false);
            }
        }

        await death;
    }

    [Fact]
    public async Task WhenDeadAsync_NeedsTwiceTheTime_WhenNobodyElseIsThere()
    {
        var death = await WatchAsync([]);
        await PassAsync(5);
        var silent = 5 * Interval;
        while (!death.IsCompleted)
        {
            silent.ShouldBeLessThan(TimeSpan.FromSeconds(10));
            _time.Advance(Interval);
            silent += Interval;
            await Task.WhenAny(death, NextAsync(_looks));
        }

        await death;
        silent.ShouldBeGreaterThanOrEqualTo(TimeSpan.FromSeconds(2 * PeerLiveness.SessionsWithoutWitness));
    }

    private async Task<Task> WatchAsync(int[] others)
    {
        var death = _probe.WhenDeadAsync(Watched, Epoch, _ => Look(others), () => _notAgreed++, _stop.Token);
        _unanswered.Enqueue(await NextAsync(_pings));
        return death;
    }

    /// <summary>Lets intervals pass; in each a ping is sent.</summary>
    private async Task PassAsync(int intervals)
    {
        for (var i = 0; i < intervals; i++)
        {
            _time.Advance(Interval);
            await TickedAsync();
        }
    }

    private async Task TickedAsync() => _unanswered.Enqueue(await NextAsync(_pings));

    private ValueTask<IReadOnlyCollection<int>> Look(int[] others)
    {
        _looks.Writer.TryWrite(others.Length);
        return new(others);
    }

    private static Task<T> Asked<T>(Channel<TaskCompletionSource<T>> questions)
    {
        var question = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        questions.Writer.TryWrite(question);
        return question.Task;
    }

    private static async Task<T> NextAsync<T>(Channel<T> questions) => await Soon(questions.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask());

    private static Task Soon(Task task) => task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);

    private static Task<T> Soon<T>(Task<T> task) => task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);

    private sealed class Configs : ITopicConfigs
    {
        public BrokerConfig Broker { get; } = BrokerConfig.Create(new Dictionary<string, string>
        {
            ["broker.session.timeout.ms"] = "2000",
            ["broker.heartbeat.interval.ms"] = "250",
        }).Value;

        public ValueTask<TopicConfig> GetAsync(string topic, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
