using System.Buffers;
using System.Numerics;
using System.Threading.Tasks.Sources;

namespace OrleansStream.Client;

/// <summary>
/// Those records of one batch that somebody waits for or wants reported: one object for the batch, and for each record
/// a place in an array. Records are added under the partition's lock; completing happens once, later.
/// </summary>
internal sealed class DeliveryTracker : IValueTaskSource<DeliveryResult>
{
    // A token of a value task has 16 bits, so a tracker holds that many awaited records and the next one goes on.
    private const int MaxAwaited = 1 << 16;
    private const int PageSize = 32;
    private const int FirstHandledPageSize = 64;

    private AwaitedRecord[][] _pages = new AwaitedRecord[4][];
    private readonly List<HandledRecord[]> _handledPages = [];
    private int _handledCount;
    private int _awaitedCount;
    private DeliveryTracker? _next;

    /// <summary>How many records are tracked.</summary>
    public int Count { get; private set; }

    /// <summary>Tracks a record for an awaiter.</summary>
    public ValueTask<DeliveryResult> Await(int recordIndex, long timestampMs)
    {
        Count++;
        return AwaitCore(recordIndex, timestampMs);
    }

    /// <summary>Tracks a record for a handler.</summary>
    public void Report(int recordIndex, long timestampMs, DeliveryHandler handler, object? state)
    {
        Count++;
        var (page, place) = HandledPlace(_handledCount++);
        if (page == _handledPages.Count)
        {
            _handledPages.Add(ArrayPool<HandledRecord>.Shared.Rent(FirstHandledPageSize << page));
        }

        _handledPages[page][place] = new HandledRecord(recordIndex, timestampMs, handler, state);
    }

    /// <summary>How many of the records in a range are tracked.</summary>
    public int CountIn(int firstIndex, int count)
    {
        var result = 0;
        for (var tracker = this; tracker is not null; tracker = tracker._next)
        {
            for (var i = 0; i < tracker._awaitedCount; i++)
            {
                result += IsIn(tracker.Awaited(i).RecordIndex, firstIndex, count) ? 1 : 0;
            }
        }

        for (var i = 0; i < _handledCount; i++)
        {
            result += IsIn(Handled(i).RecordIndex, firstIndex, count) ? 1 : 0;
        }

        return result;
    }

    /// <summary>Gives memory back once every record is completed and counted. Awaited records keep theirs: somebody may look at it late.</summary>
    public void Release()
    {
        foreach (var page in _handledPages)
        {
            ArrayPool<HandledRecord>.Shared.Return(page, clearArray: true);
        }

        _handledPages.Clear();
        _handledCount = 0;
    }

    /// <summary>Completes the records in a range.</summary>
    /// <param name="firstIndex">The first record of the range.</param>
    /// <param name="count">Its size.</param>
    /// <param name="outcome">What became of them.</param>
    /// <param name="handlerFailed">Takes what a handler threw.</param>
    public void Complete(int firstIndex, int count, in DeliveryOutcome outcome, Action<Exception> handlerFailed)
    {
        for (var tracker = this; tracker is not null; tracker = tracker._next)
        {
            for (var i = 0; i < tracker._awaitedCount; i++)
            {
                ref var record = ref tracker.Awaited(i);
                if (!IsIn(record.RecordIndex, firstIndex, count))
                {
                    continue;
                }

                if (outcome.Error is { } error)
                {
                    record.Source.SetException(error);
                }
                else
                {
                    record.Source.SetResult(outcome.ResultOf(record.RecordIndex - firstIndex, record.TimestampMs));
                }
            }
        }

        for (var i = 0; i < _handledCount; i++)
        {
            ref var record = ref Handled(i);
            if (!IsIn(record.RecordIndex, firstIndex, count))
            {
                continue;
            }

            try
            {
                record.Handler(new DeliveryReport(outcome.ResultOf(record.RecordIndex - firstIndex, record.TimestampMs), record.State, outcome.Error));
            }
#pragma warning disable CA1031 // The handler is the application's; its failure is logged and must not hold up other records.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                handlerFailed(exception);
            }
        }
    }

    DeliveryResult IValueTaskSource<DeliveryResult>.GetResult(short token)
        => Awaited((ushort)token).Source.GetResult(0);

    ValueTaskSourceStatus IValueTaskSource<DeliveryResult>.GetStatus(short token)
        => Awaited((ushort)token).Source.GetStatus(0);

    void IValueTaskSource<DeliveryResult>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
        => Awaited((ushort)token).Source.OnCompleted(continuation, state, 0, flags);

    private static bool IsIn(int index, int first, int count) => index >= first && index - first < count;

    private ValueTask<DeliveryResult> AwaitCore(int recordIndex, long timestampMs)
    {
        if (_awaitedCount == MaxAwaited)
        {
            return (_next ??= new DeliveryTracker()).AwaitCore(recordIndex, timestampMs);
        }

        var place = _awaitedCount % PageSize;
        if (place == 0)
        {
            AddPage(_awaitedCount / PageSize);
        }

        ref var record = ref Awaited(_awaitedCount);
        record.RecordIndex = recordIndex;
        record.TimestampMs = timestampMs;
        record.Source.RunContinuationsAsynchronously = true;
        return new ValueTask<DeliveryResult>(this, unchecked((short)_awaitedCount++));
    }

    /// <summary>Each page is twice as large as the one before, so that few records take little and many take few pages.</summary>
    private static (int Page, int Place) HandledPlace(int index)
    {
        var page = BitOperations.Log2((uint)(index / FirstHandledPageSize) + 1);
        return (page, index - (FirstHandledPageSize * ((1 << page) - 1)));
    }

    private ref HandledRecord Handled(int index)
    {
        var (page, place) = HandledPlace(index);
        return ref _handledPages[page][place];
    }

    private void AddPage(int pageIndex)
    {
        var pages = _pages;
        if (pageIndex == pages.Length)
        {
            Array.Resize(ref pages, pages.Length * 2);
        }

        pages[pageIndex] = new AwaitedRecord[PageSize];
        Volatile.Write(ref _pages, pages);
    }

    // Pages never move, so a continuation can be registered while later records are added.
    private ref AwaitedRecord Awaited(int index) => ref Volatile.Read(ref _pages)[index / PageSize][index % PageSize];

    private struct AwaitedRecord
    {
        public ManualResetValueTaskSourceCore<DeliveryResult> Source;
        public int RecordIndex;
        public long TimestampMs;
    }

    private readonly record struct HandledRecord(int RecordIndex, long TimestampMs, DeliveryHandler Handler, object? State);
}
