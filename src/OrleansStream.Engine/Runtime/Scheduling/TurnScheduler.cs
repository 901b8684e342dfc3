using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using OrleansStream.Engine.Activations;

namespace OrleansStream.Engine.Scheduling;

/// <summary>
/// Runs the turns of one activation, one at a time, on the thread pool. Continuations of grain code come back here as tasks;
/// calls and other work of the runtime come as <see cref="ITurn"/>, which needs no task of its own.
/// </summary>
/// <remarks>
/// One task is made for each slice (a run of turns until the queue is empty or the quantum is over): within it
/// <see cref="TaskScheduler.Current"/> is this scheduler, so that awaits come back to it.
/// </remarks>
internal sealed partial class TurnScheduler : TaskScheduler, IThreadPoolWorkItem
{
    private const int QuantumMs = 50;
    private static readonly Action<object?> DrainSlice = static state => ((TurnScheduler)state!).Drain();

    private readonly ConcurrentQueue<object> _queue = new();
    private readonly ActivationData _owner;
    private readonly ILogger _logger;
    private int _isScheduled;

    public TurnScheduler(ActivationData owner, ILogger logger)
    {
        _owner = owner;
        _logger = logger;
    }

    public override int MaximumConcurrencyLevel => 1;

    /// <summary>Whether this thread is in a turn of the activation.</summary>
    public bool IsInTurn => ReferenceEquals(TurnContext.Current, _owner);

    /// <summary>Adds a turn. May be called from any thread.</summary>
    public void Enqueue(ITurn turn) => Add(turn);

    void IThreadPoolWorkItem.Execute()
    {
        var previous = TurnContext.Current;
        TurnContext.Current = _owner;
        try
        {
            new Task(DrainSlice, this).RunSynchronously(this);
        }
        finally
        {
            TurnContext.Current = previous;
        }

        Volatile.Write(ref _isScheduled, 0);
        Interlocked.MemoryBarrier();
        if (!_queue.IsEmpty)
        {
            Schedule(preferLocal: false);
        }
    }

    protected override void QueueTask(Task task) => Add(task);

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued)
        => !taskWasPreviouslyQueued && IsInTurn && TryExecuteTask(task);

    protected override IEnumerable<Task> GetScheduledTasks() => _queue.OfType<Task>();

    private void Add(object item)
    {
        _queue.Enqueue(item);
        Schedule(preferLocal: true);
    }

    private void Schedule(bool preferLocal)
    {
        if (Volatile.Read(ref _isScheduled) == 0 && Interlocked.CompareExchange(ref _isScheduled, 1, 0) == 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal);
        }
    }

    private void Drain()
    {
        var end = Environment.TickCount64 + QuantumMs;
        while (_queue.TryDequeue(out var item))
        {
            if (item is Task task)
            {
                TryExecuteTask(task);
            }
            else
            {
                Run((ITurn)item);
            }

            if (Environment.TickCount64 > end)
            {
                return;
            }
        }
    }

    private void Run(ITurn turn)
    {
        try
        {
            turn.Execute();
        }
        catch (Exception exception)
        {
            LogTurnFailed(_logger, exception, _owner.GrainId.ToString());
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A turn of grain {Grain} failed outside of any call.")]
    private static partial void LogTurnFailed(ILogger logger, Exception exception, string grain);
}

/// <summary>Work that runs in a turn. It must not block.</summary>
internal interface ITurn
{
    void Execute();
}

/// <summary>A turn from a delegate.</summary>
internal sealed class DelegateTurn(Action action) : ITurn
{
    public void Execute() => action();
}
