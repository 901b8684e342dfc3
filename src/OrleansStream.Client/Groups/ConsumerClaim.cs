using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace OrleansStream.Client;

/// <summary>The queue of one partition between the reader and the claim's handler.</summary>
internal sealed class ConsumerClaim<TKey, TValue>(ConsumerCore core, GroupMember group, TopicPartition topicPartition, int generationId)
    : IConsumerClaim<TKey, TValue>, IDisposable
{
    // One batch is processed while the next one lies ready.
    private const int MaxQueued = 2;

    private readonly Channel<ConsumeBatch<TKey, TValue>> _batches = Channel.CreateUnbounded<ConsumeBatch<TKey, TValue>>(
        new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });

    // How many lie ready and whether the reader stops for them change together: the reader and the handler meet here.
    private readonly Lock _room = new();
    private readonly CancellationTokenSource _ended = new();
    private long _processed = -1;
    private long _first = -1;
    private int _epoch = -1;
    private int _queued;
    private int _turns;
    private int _seenTurns = -1;
    private long _seenAt;
    private bool _isWaiting;

    public TopicPartition TopicPartition => topicPartition;

    public int GenerationId => generationId;

    public CancellationToken Ended => _ended.Token;

    public long? ProcessedOffset => Volatile.Read(ref _processed) is >= 0 and var offset ? offset : null;

    public long? Lag => core.GetWatermarks(topicPartition) is { } ends && ProcessedOffset is { } processed
        ? Math.Max(0, (core.Options.IsolationLevel == IsolationLevel.ReadCommitted ? ends.LastStableOffset : ends.HighWatermark) - processed)
        : null;

    /// <summary>The handler at work.</summary>
    public Task Handler { get; set; } = Task.CompletedTask;

    /// <summary>Where to go on if somebody else does; null if nothing was handed over.</summary>
    public long? Resume => ProcessedOffset ?? (Volatile.Read(ref _first) is >= 0 and var first ? first : null);

    public CommittedOffset? Processed => ProcessedOffset is { } offset ? new CommittedOffset(offset, Volatile.Read(ref _epoch)) : null;

    /// <summary>Hands a batch over; the reader brings no more while the queue is full.</summary>
    public void Add(ConsumeBatch<TKey, TValue> batch)
    {
        if (_first < 0)
        {
            Volatile.Write(ref _first, batch.FirstOffset);
        }

        lock (_room)
        {
            if (++_queued == MaxQueued)
            {
                core.SetBlocked(topicPartition, isBlocked: true);
            }
        }

        _batches.Writer.TryWrite(batch);
    }

    public void End()
    {
        _ended.Cancel();
        _batches.Writer.TryComplete();
    }

    /// <summary>Whether the handler has kept one record or batch for longer than it may.</summary>
    public bool IsStuck(TimeProvider time, TimeSpan limit)
    {
        var turns = Volatile.Read(ref _turns);
        if (turns != _seenTurns || Volatile.Read(ref _isWaiting) || Handler.IsCompleted)
        {
            _seenTurns = turns;
            _seenAt = time.GetTimestamp();
        }

        return time.GetElapsedTime(_seenAt) > limit;
    }

    public void MarkProcessed(long nextOffset) => Mark(nextOffset, -1);

    public async ValueTask CommitAsync(ConsumeResult<TKey, TValue> record, CancellationToken cancellationToken = default)
    {
        Mark(record.Offset + 1, record.LeaderEpoch);
        await group.CommitAsync(
            new Dictionary<TopicPartition, CommittedOffset> { [topicPartition] = new(record.Offset + 1, record.LeaderEpoch) },
            cancellationToken).ConfigureAwait(false);
    }

    public async IAsyncEnumerable<ConsumeResult<TKey, TValue>> ConsumeAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        while (await NextAsync(cancellationToken).ConfigureAwait(false) is { } batch)
        {
            foreach (var record in batch)
            {
                if (_ended.IsCancellationRequested)
                {
                    yield break;
                }

                _turns++;
                yield return record;
                Mark(record.Offset + 1, record.LeaderEpoch);
            }

            Mark(batch.NextOffset, -1);
        }
    }

    public async IAsyncEnumerable<ConsumeBatch<TKey, TValue>> ConsumeBatchesAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        while (await NextAsync(cancellationToken).ConfigureAwait(false) is { } batch)
        {
            _turns++;
            yield return batch;
            Mark(batch.NextOffset, -1);
        }
    }

    public void Dispose() => _ended.Dispose();

    private async ValueTask<ConsumeBatch<TKey, TValue>?> NextAsync(CancellationToken cancellationToken)
    {
        Volatile.Write(ref _isWaiting, true);
        try
        {
            while (!_ended.IsCancellationRequested)
            {
                if (_batches.Reader.TryRead(out var batch))
                {
                    MakeRoom();
                    return batch;
                }

                if (!await _batches.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
                {
                    return null;
                }
            }

            return null;
        }
        catch (OperationCanceledException) when (_ended.IsCancellationRequested)
        {
            return null;
        }
        finally
        {
            Volatile.Write(ref _isWaiting, false);
        }
    }

    private void MakeRoom()
    {
        lock (_room)
        {
            if (--_queued == MaxQueued - 1)
            {
                core.SetBlocked(topicPartition, isBlocked: false);
            }
        }
    }

    private void Mark(long nextOffset, int epoch)
    {
        if (nextOffset > Volatile.Read(ref _processed))
        {
            if (epoch >= 0)
            {
                Volatile.Write(ref _epoch, epoch);
            }

            Volatile.Write(ref _processed, nextOffset);
        }
    }
}
