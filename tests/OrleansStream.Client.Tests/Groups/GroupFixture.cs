using System.Collections.Concurrent;

namespace OrleansStream.Client.Tests.Groups;

/// <summary>A topic <c>t</c> with four partitions and group <c>g</c> on a fake cluster whose clock stands.</summary>
public abstract class GroupFixture : IAsyncDisposable
{
    protected GroupFixture()
    {
        Client = Cluster.Connect(Time);
        Cluster.AddTopic("t", 4);
    }

    protected ManualTime Time { get; } = new();

    protected FakeCluster Cluster { get; } = new();

    protected OrleansStreamClient Client { get; }

    protected FakeCoordinator Coordinator => Cluster.Coordinator;

    public ValueTask DisposeAsync() => Client.DisposeAsync();

    protected static TopicPartition T(int partition) => new("t", partition);

    protected IConsumer<Null, string> Create(Action<ConsumerOptions<Null, string>>? configure = null) => Client.CreateConsumer<Null, string>(options =>
    {
        options.GroupId = "g";
        configure?.Invoke(options);
    });

    /// <summary>The clock goes on in steps until something is so.</summary>
    protected async Task AdvanceUntilAsync(Func<bool> condition, int stepMs, string what)
    {
        var task = Expect.Until(condition, what);
        await Time.AdvanceUntilAsync(task, TimeSpan.FromMilliseconds(stepMs), what);
        await task;
    }

    /// <summary>Polls until something is so; the clock goes on by a millisecond with each empty poll.</summary>
    protected async Task<List<ConsumeResult<Null, string>>> PollUntilAsync(IConsumer<Null, string> consumer, Func<bool> condition, string what)
    {
        var records = new List<ConsumeResult<Null, string>>();
        var started = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            (TimeProvider.System.GetElapsedTime(started) < Expect.Patience).ShouldBeTrue($"{what} did not happen within {Expect.Patience}");
            if (await consumer.PollAsync(TimeSpan.Zero) is { } record)
            {
                records.Add(record);
            }
            else
            {
                Time.Advance(TimeSpan.FromMilliseconds(1));
                await Expect.OthersRun();
            }
        }

        return records;
    }

    /// <summary>Lets several consumers poll in turns, as processes of their own would, until something is so.</summary>
    protected async Task PollAllUntilAsync(Func<bool> condition, string what, params IConsumer<Null, string>[] consumers)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            (TimeProvider.System.GetElapsedTime(started) < Expect.Patience).ShouldBeTrue($"{what} did not happen within {Expect.Patience}");
            foreach (var consumer in consumers)
            {
                await consumer.PollAsync(TimeSpan.Zero);
            }

            Time.Advance(TimeSpan.FromMilliseconds(100));
            await Expect.OthersRun();
        }
    }

    protected sealed class Events : IRebalanceListener
    {
        public ConcurrentQueue<string> Log { get; } = new();

        public Func<string, Task> On { get; set; } = _ => Task.CompletedTask;

        public ValueTask OnPartitionsAssignedAsync(IReadOnlyList<TopicPartition> partitions, CancellationToken cancellationToken) => AddAsync("assigned", partitions);

        public ValueTask OnPartitionsRevokedAsync(IReadOnlyList<TopicPartition> partitions, CancellationToken cancellationToken) => AddAsync("revoked", partitions);

        public ValueTask OnPartitionsLostAsync(IReadOnlyList<TopicPartition> partitions, CancellationToken cancellationToken) => AddAsync("lost", partitions);

        private async ValueTask AddAsync(string what, IReadOnlyList<TopicPartition> partitions)
        {
            Log.Enqueue($"{what} {string.Join(' ', partitions)}".TrimEnd());
            await On(what);
        }
    }
}
