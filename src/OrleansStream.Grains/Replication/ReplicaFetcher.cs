using System.Buffers;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using OrleansStream.Abstractions;
using OrleansStream.Core.Configuration;
using OrleansStream.Core.Replicas;
using OrleansStream.Grains.Brokers;
using OrleansStream.Grains.Partitions;

namespace OrleansStream.Grains.Replication;

/// <summary>
/// Copies logs that one broker leads and this one follows: one request at a time carries all of them and waits at the leader for
/// records. When little came, the next one goes out as soon as that is on disk, and tells the leader so. When much came, it goes out at
/// once, and <see cref="FlushReports"/> tell what it could not.
/// </summary>
internal sealed partial class ReplicaFetcher : IAsyncDisposable
{
    /// <summary>How much longer than its wait a fetch may take before it is given up: the leader's broker may be gone without a word.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(20);

    /// <summary>
    /// The bytes of an answer from which on the next fetch does not wait for the disk: under load more is there already. Less is flushed as
    /// fast as it could be fetched, and then one message says both.
    /// </summary>
    private const int ManyBytes = 64 * 1024;

    /// <summary>The shortest pause of a replica that the quota holds back.</summary>
    private static readonly TimeSpan LeastHold = TimeSpan.FromMilliseconds(50);

    private readonly int _leaderId;
    private readonly IBrokerGrain _leader;
    private readonly BrokerState _broker;
    private readonly ITopicConfigs _configs;
    private readonly ReplicationThrottle _throttle;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private readonly Dictionary<TopicPartition, Followed> _followed = [];
    private readonly FlushReports _reports;
    private readonly CancellationTokenSource _stopped;
    private readonly Task _loop;
    private readonly int _index;
    private CancellationTokenSource _changed = new();
    private uint _rounds;

    // A number of an earlier life must not be taken for one of this.
    private long _number = Random.Shared.NextInt64(1, long.MaxValue / 2);
    private long _copied;

    public ReplicaFetcher(
        int leaderId, int index, IBrokerGrain leader, BrokerState broker, ITopicConfigs configs, ReplicationThrottle throttle, TimeProvider time, ILogger logger)
    {
        (_leaderId, _index, _leader, _broker, _configs, _throttle, _time, _logger) = (leaderId, index, leader, broker, configs, throttle, time, logger);
        _reports = new FlushReports(leaderId, leader, broker, logger);
        _stopped = CancellationTokenSource.CreateLinkedTokenSource(broker.Stopping);
        _loop = Task.Run(RunAsync);
    }

    private TimeSpan Backoff => TimeSpan.FromMilliseconds(_configs.Broker.Get(BrokerConfigKeys.ReplicaFetchBackoffMs));

    /// <summary>Takes a replica in; a fetch that waits without it is given up for one with it.</summary>
    public void Add(IHostedPartition replica)
    {
        CancellationTokenSource changed;
        lock (_lock)
        {
            _followed[replica.TopicPartition] = new Followed(replica);
            changed = _changed;
        }

        _ = changed.CancelAsync();
    }

    public void Remove(TopicPartition partition)
    {
        lock (_lock)
        {
            _followed.Remove(partition);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_stopped.IsCancellationRequested)
        {
            await _stopped.CancelAsync();
        }

        await _loop;
        _stopped.Dispose();
    }

    private async Task RunAsync()
    {
        while (!_stopped.IsCancellationRequested)
        {
            using var changed = BeginRound();
            try
            {
                var (due, wait) = Due();
                if (due.Length == 0)
                {
                    await Task.Delay(wait, _time, changed.Token);
                }
                else
                {
                    await FetchAsync(due, changed.Token);
                }
            }
            catch (OperationCanceledException) when (changed.IsCancellationRequested)
            {
                // Another replica, or the end.
            }
            catch (Exception exception)
            {
                // Every replica of a broker that is gone gets another leader, or its broker back.
                LogFailed(_logger, exception, _leaderId, Backoff);
                await Task.Delay(Backoff, _time, _stopped.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>A follower often hears of a new leader before that one does, and acknowledgements wait for it: the first pauses are short.</summary>
    private TimeSpan PauseAfter(int refusals)
    {
        var pause = FirstPause * Math.Pow(2, Math.Min(refusals - 1, 10));
        return pause < Backoff ? pause : Backoff;
    }

    private CancellationTokenSource BeginRound()
    {
        lock (_lock)
        {
            if (_changed.IsCancellationRequested)
            {
                // Whoever cancelled it may not be done with it, and it holds nothing that needs to be disposed of.
                _changed = new CancellationTokenSource();
            }

            return CancellationTokenSource.CreateLinkedTokenSource(_stopped.Token, _changed.Token);
        }
    }

    /// <summary>The replicas to fetch for now; if there is none, how long until there may be one.</summary>
    private (Followed[] Due, TimeSpan Wait) Due()
    {
        var now = _time.GetTimestamp();
        lock (_lock)
        {
            var due = _followed.Values.Where(followed => followed.NotBefore <= now).ToArray();
            return (due, _followed.Count == 0 ? Timeout.InfiniteTimeSpan : TimeSpan.FromMilliseconds(50));
        }
    }

    private async Task FetchAsync(Followed[] due, CancellationToken cancellationToken)
    {
        foreach (var followed in due.Where(followed => followed.Next is null))
        {
            followed.Next = await followed.Replica.NextFetchAsync();
        }

        var following = due.Where(followed => followed.Next is not null).ToArray();
        if (following.Length == 0)
        {
            Forget(due);
            return;
        }

        var config = _configs.Broker;
        var wait = config.Get(BrokerConfigKeys.ReplicaFetchWaitMaxMs);
        var asked = Admit(following, config.Get(BrokerConfigKeys.ReplicaFetchMaxBytes));
        if (asked.Length < following.Length)
        {
            // The others are not to wait longer than until there is room, nor to be asked for in a loop while some use the room up.
            wait = Math.Min(wait, Math.Max((int)LeastHold.TotalMilliseconds, (int)Math.Min(int.MaxValue, _throttle.UntilRoom().TotalMilliseconds)));
            if (asked.Length == 0)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(wait), _time, cancellationToken);
                return;
            }
        }

        var request = new ReplicaFetchRequest(
            _broker.BrokerId,
            asked.Max(followed => followed.Next!.Value.BrokerEpoch),
            wait,
            config.Get(BrokerConfigKeys.ReplicaFetchMinBytes),
            config.Get(BrokerConfigKeys.ReplicaFetchResponseMaxBytes),
            Array.ConvertAll(asked, followed => Partition(followed.Replica.TopicPartition, followed.Next!.Value, followed.MaxBytes)))
        {
            Fetcher = _index,
            Number = ++_number,
            Copied = _copied,
        };
        var response = await _leader.FetchAsReplicaAsync(request, cancellationToken)
            .WaitAsync(TimeSpan.FromMilliseconds(wait) + Patience, _time, cancellationToken);

        // All at once: their flushes share the disk.
        await Task.WhenAll(asked.Zip(response.Partitions, TakeAsync));
        LetGo(response);
        _copied = request.Number;
        var isMuch = response.Partitions.Sum(partition => (long)partition.Records.Length) >= ManyBytes;
        await Task.WhenAll(asked.Where(followed => followed.Next is { } next && next.FlushedOffset < next.FetchOffset).Select(followed => FlushAsync(followed, isMuch)));
        Forget(asked);
    }

    /// <summary>
    /// Leaves out those that the replication quota holds back, which are not in sync. The others get their bytes; of the throttled ones not more than
    /// there is room for, so that one answer does not take what the quota allows in many seconds.
    /// </summary>
    private Followed[] Admit(Followed[] following, int maxBytes)
    {
        if (!Array.Exists(following, followed => followed.Replica.IsThrottledAsFollower))
        {
            Array.ForEach(following, followed => followed.MaxBytes = maxBytes);
            return following;
        }

        var room = _throttle.Room();
        var first = (int)(_rounds++ % (uint)following.Length);
        var admitted = new List<Followed>(following.Length);
        for (var i = 0; i < following.Length; i++)
        {
            var followed = following[(first + i) % following.Length];
            followed.MaxBytes = maxBytes;
            if (followed.Replica.IsThrottledAsFollower && followed.IsInSync is not true)
            {
                // One that has heard nothing of this leader yet may be in sync: it asks for next to nothing, and hears.
                if (room == 0 && followed.IsInSync is false)
                {
                    continue;
                }

                followed.MaxBytes = Math.Min(maxBytes, Math.Max(1, room));
                room = Math.Max(0, room - followed.MaxBytes);
            }

            admitted.Add(followed);
        }

        return [.. admitted];
    }

    private async Task FlushAsync(Followed followed, bool isMuch)
    {
        if (isMuch)
        {
            _reports.ReportWhenFlushed(followed.Replica.TopicPartition, followed.Replica.WhenFlushedAsync);
        }
        else
        {
            followed.Next = (await followed.Replica.WhenFlushedAsync()).Next;
        }
    }

    private async Task TakeAsync(Followed followed, ReplicaFetchPartitionResponse answer)
    {
        if (!answer.Records.IsEmpty && followed.Replica.IsThrottledAsFollower)
        {
            _throttle.Record(answer.Records.Length);
        }

        if (followed.IsUnchangedBy(answer))
        {
            return;
        }

        var step = await followed.Replica.OnFetchedAsync(followed.Next!.Value, answer);
        followed.Next = step.Next;
        followed.Seen = answer with { Records = default };
        followed.Refusals = step.BacksOff ? followed.Refusals + 1 : 0;
        followed.NotBefore = step.BacksOff ? _time.GetTimestamp() + (long)(PauseAfter(followed.Refusals).TotalSeconds * _time.TimestampFrequency) : 0;
    }

    /// <summary>The records are in the logs: what they came in may serve the next answer, if the engine has lent it.</summary>
    private static void LetGo(ReplicaFetchResponse response)
    {
        foreach (var partition in response.Partitions)
        {
            if (MemoryMarshal.TryGetMemoryManager<byte, MemoryManager<byte>>(partition.Records, out var lent))
            {
                ((IDisposable)lent).Dispose();
            }
        }
    }

    /// <summary>Lets go of replicas that follow nobody; if they do again, they are added again.</summary>
    private void Forget(Followed[] replicas)
    {
        lock (_lock)
        {
            foreach (var followed in replicas.Where(followed => followed.Next is null))
            {
                if (_followed.GetValueOrDefault(followed.Replica.TopicPartition) == followed)
                {
                    _followed.Remove(followed.Replica.TopicPartition);
                }
            }
        }
    }

    private static ReplicaFetchPartition Partition(TopicPartition partition, in ReplicaFetch fetch, int maxBytes)
        => new(partition.Topic, partition.Partition, fetch.LeaderEpoch, fetch.FetchOffset, fetch.LastFetchedEpoch, fetch.FlushedOffset, maxBytes);

    [LoggerMessage(1, LogLevel.Warning, "Fetching from broker {LeaderId} failed; trying again in {Backoff}")]
    private static partial void LogFailed(ILogger logger, Exception exception, int leaderId, TimeSpan backoff);

    /// <summary>A replica that is being fetched for. Its loop alone changes it.</summary>
    private sealed class Followed(IHostedPartition replica)
    {
        public IHostedPartition Replica { get; } = replica;

        /// <summary>What to ask next; null until the replica was asked.</summary>
        public ReplicaFetch? Next { get; set; }

        /// <summary>The last answer without its records.</summary>
        public ReplicaFetchPartitionResponse? Seen { get; set; }

        public long NotBefore { get; set; }

        /// <summary>The most bytes to ask for.</summary>
        public int MaxBytes { get; set; }

        /// <summary>Whether this replica held everything that was committed as of the last answer; null before there was one.</summary>
        public bool? IsInSync => Seen is { Error: ErrorCode.None } seen ? Next is { } next && next.FetchOffset >= seen.HighWatermark : null;

        /// <summary>How often in a row the leader could not answer.</summary>
        public int Refusals { get; set; }

        /// <summary>Whether an answer says what the last one has said, as when nothing is produced.</summary>
        public bool IsUnchangedBy(ReplicaFetchPartitionResponse answer)
            => Next is { } next
                && next.FlushedOffset == next.FetchOffset
                && answer.Error == ErrorCode.None
                && answer.Records.IsEmpty
                && answer.DivergingEndOffset < 0
                && Seen is { Error: ErrorCode.None } seen
                && seen.HighWatermark == answer.HighWatermark
                && seen.LogStartOffset == answer.LogStartOffset;
    }
}
