using Microsoft.Extensions.Logging;

namespace OrleansStream.Storage.Compaction;

/// <summary>
/// Compacts the logs of a process in the background: always the one with the largest uncompacted share among those that are
/// due, as many at a time as there are threads.
/// </summary>
public sealed partial class LogCleaner : IAsyncDisposable
{
    /// <summary>How long a log is left alone whose compaction has failed.</summary>
    private static readonly TimeSpan RestAfterFailure = TimeSpan.FromMinutes(5);

    /// <summary>Even with a backoff of 0 the logs are not looked at all the time.</summary>
    private static readonly TimeSpan MinBackoff = TimeSpan.FromMilliseconds(10);

    private readonly Func<LogCleanerOptions> _options;
    private readonly Func<IReadOnlyList<ICompactionTarget>> _targets;
    private readonly TimeProvider _time;
    private readonly ILogger<LogCleaner> _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Dictionary<ICompactableLog, Task> _passes = [];
    private readonly Dictionary<ICompactableLog, long> _failedAt = [];
    private readonly Stack<CompactionMemory> _memory = new();
    private Task _loop = Task.CompletedTask;
    private bool _isDisposed;

    /// <summary>Makes a cleaner that does nothing before <see cref="Start"/>.</summary>
    /// <param name="options">What it may take now; asked again for each pass.</param>
    /// <param name="targets">The logs that there are now.</param>
    /// <param name="timeProvider">The clock and timers.</param>
    /// <param name="logger">Where it says what it cannot compact.</param>
    public LogCleaner(
        Func<LogCleanerOptions> options,
        Func<IReadOnlyList<ICompactionTarget>> targets,
        TimeProvider timeProvider,
        ILogger<LogCleaner> logger)
    {
        _options = options;
        _targets = targets;
        _time = timeProvider;
        _logger = logger;
    }

    /// <summary>Starts the work; once.</summary>
    public void Start() => _loop = Task.Run(RunAsync);

    /// <summary>Ends the passes under way, which change nothing, and waits for them. Harmless to repeat.</summary>
    public async Task StopAsync()
    {
        if (!_stopping.IsCancellationRequested)
        {
            await _stopping.CancelAsync();
        }

        await _loop;
    }

    /// <summary>Stops it.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, true))
        {
            return;
        }

        await StopAsync();
        _stopping.Dispose();
    }

    private async Task RunAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                await RunOnceAsync();
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                break;
            }
        }

        await Task.WhenAll(_passes.Values);
    }

    /// <summary>Starts what there is room for, then waits for a pass to end or for the rest to be over.</summary>
    private async Task RunOnceAsync()
    {
        foreach (var ended in _passes.Where(pass => pass.Value.IsCompleted).Select(pass => pass.Key).ToList())
        {
            _passes.Remove(ended);
        }

        var options = _options();
        if (_passes.Count < options.Threads)
        {
            foreach (var (log, request) in await FindDueAsync(options.Threads - _passes.Count))
            {
                var memory = MemoryFor(options);
                _passes.Add(log, CompactAsync(log, request, memory));
            }
        }

        var rest = Task.Delay(options.Backoff > MinBackoff ? options.Backoff : MinBackoff, _time, _stopping.Token);
        await Task.WhenAny([rest, .. _passes.Values]);
        _stopping.Token.ThrowIfCancellationRequested();
    }

    /// <summary>The logs that are due and not under way, those with the largest uncompacted share first.</summary>
    private async Task<List<(ICompactableLog Log, CompactionRequest Request)>> FindDueAsync(int count)
    {
        var due = new List<(double Ratio, ICompactableLog Log, CompactionRequest Request)>();
        var targets = _targets();
        ForgetFailures(targets);
        foreach (var target in targets)
        {
            var log = target.Log;
            if (_passes.ContainsKey(log) || _failedAt.ContainsKey(log))
            {
                continue;
            }

            try
            {
                if (await target.PrepareAsync(_stopping.Token) is { } request
                    && await log.DescribeCompactionAsync(request.LimitOffset, request.NowMs, _stopping.Token) is { IsDue: true } status)
                {
                    due.Add((status.DirtyRatio, log, request));
                }
            }
            catch (Exception exception) when (exception is LogOfflineException or ObjectDisposedException)
            {
                // Its owner knows; what is closed or offline is not compacted.
                LogGone(_logger, log.TopicPartition, exception.Message);
            }
        }

        return [.. due.OrderByDescending(one => one.Ratio).Take(count).Select(one => (one.Log, one.Request))];
    }

    private void ForgetFailures(IReadOnlyList<ICompactionTarget> targets)
    {
        var open = targets.Select(target => target.Log).ToHashSet();
        lock (_failedAt)
        {
            foreach (var log in _failedAt.Where(failure => !open.Contains(failure.Key) || _time.GetElapsedTime(failure.Value) >= RestAfterFailure).Select(failure => failure.Key).ToList())
            {
                _failedAt.Remove(log);
            }
        }
    }

    private CompactionMemory MemoryFor(LogCleanerOptions options)
    {
        var bytes = options.DedupeBufferBytes / Math.Max(1, options.Threads);
        lock (_memory)
        {
            while (_memory.TryPop(out var kept))
            {
                if (kept.DedupeBufferBytes == bytes)
                {
                    return kept;
                }
            }
        }

        return new CompactionMemory(bytes);
    }

    private async Task CompactAsync(ICompactableLog log, CompactionRequest request, CompactionMemory memory)
    {
        try
        {
            // A map that is full leaves the rest to another pass; it is still due by what is left, or it can wait.
            await log.CompactAsync(request, memory, _stopping.Token);
        }
        catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException or LogOfflineException)
        {
            LogGone(_logger, log.TopicPartition, exception.Message);
        }
        catch (Exception exception)
        {
            // Also a fault of ours must not end the compaction of the other logs.
            LogFailed(_logger, exception, log.TopicPartition, RestAfterFailure);
            lock (_failedAt)
            {
                _failedAt[log] = _time.GetTimestamp();
            }
        }
        finally
        {
            lock (_memory)
            {
                _memory.Push(memory);
            }
        }
    }

    [LoggerMessage(1, LogLevel.Error, "{Partition} could not be compacted and is left alone for {Rest}; it is served as before")]
    private static partial void LogFailed(ILogger logger, Exception exception, TopicPartition partition, TimeSpan rest);

    [LoggerMessage(2, LogLevel.Debug, "{Partition} is not compacted: {Reason}")]
    private static partial void LogGone(ILogger logger, TopicPartition partition, string reason);
}
