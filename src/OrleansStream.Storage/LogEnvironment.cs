using Microsoft.Extensions.Logging;
using OrleansStream.Storage.Buffers;
using OrleansStream.Storage.Files;
using OrleansStream.Storage.Flushing;

namespace OrleansStream.Storage;

/// <summary>
/// What the logs of a process share: the memory for buffers, the threads that write, the open files, and the
/// housekeeping that writes checkpoints and takes buffers back from idle logs. One per process, disposed after its logs.
/// </summary>
public sealed partial class LogEnvironment : IAsyncDisposable
{
    private const int MaxConcurrentMaintenance = 4;

    private static readonly TimeSpan HousekeepingPeriod = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, PartitionLog> _open = [];
    private readonly HashSet<PartitionLog> _active = [];
    private readonly ITimer _timer;
    private readonly SemaphoreSlim _housekeeping = new(1);
    private bool _disposed;

    /// <summary>Makes the environment. Nothing runs before a log has something to do.</summary>
    /// <param name="options">The options.</param>
    /// <param name="timeProvider">The clock and timers.</param>
    /// <param name="loggerFactory">Where logs report damage, truncation and errors.</param>
    /// <param name="fileSystem">The file system; null for the machine's.</param>
    /// <exception cref="ArgumentException">An option is wrong.</exception>
    public LogEnvironment(
        LogEnvironmentOptions options,
        TimeProvider timeProvider,
        ILoggerFactory loggerFactory,
        ILogFileSystem? fileSystem = null)
    {
        options.Validate();
        Options = options;
        Time = timeProvider;
        Logger = loggerFactory.CreateLogger<PartitionLog>();
        FileSystem = fileSystem ?? PhysicalLogFileSystem.Instance;
        Handles = new FileHandleCache(FileSystem, options.MaxOpenReadFiles);
        FlushThreads = new FlushThreads(options.FlushThreads);
        Budget = new BufferBudget(options.BufferBudgetBytes, options.MinBufferBytes, options.MaxBufferBytes);
        ReadAheadBudget = new ReadAheadBudget(options.ReadAheadBudgetBytes);
        ReadGate = new SemaphoreSlim(options.MaxConcurrentReads);
        _timer = timeProvider.CreateTimer(
            static state => _ = ((LogEnvironment)state!).RunHousekeepingAsync(),
            this,
            Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan);
    }

    /// <summary>The options.</summary>
    public LogEnvironmentOptions Options { get; }

    /// <summary>The bytes of all buffers now.</summary>
    public long BufferBytes => Budget.LeasedBytes;

    /// <summary>The logs that have a buffer, something read ahead or something to write to a checkpoint.</summary>
    public int ActiveLogs
    {
        get
        {
            lock (_gate)
            {
                return _active.Count;
            }
        }
    }

    internal TimeProvider Time { get; }

    internal ILogger Logger { get; }

    internal ILogFileSystem FileSystem { get; }

    internal FileHandleCache Handles { get; }

    internal FlushThreads FlushThreads { get; }

    internal BufferBudget Budget { get; }

    internal ReadAheadBudget ReadAheadBudget { get; }

    /// <summary>Bounds how many threads of the pool wait for the disk.</summary>
    internal SemaphoreSlim ReadGate { get; }

    /// <summary>Stops the housekeeping and the threads. The logs must be closed before.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _disposed = true;
        }

        await _timer.DisposeAsync();
        await _housekeeping.WaitAsync();
        FlushThreads.Dispose();
        Handles.Dispose();
    }

    /// <summary>Claims a directory: two logs over the same files would destroy each other's data.</summary>
    internal void Register(string directory, PartitionLog log)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (!_open.TryAdd(directory, log))
            {
                throw new LogOfflineException($"{log.TopicPartition} is already open in this process ({directory}); close that log first.");
            }
        }
    }

    internal void Unregister(string directory, PartitionLog log)
    {
        lock (_gate)
        {
            _active.Remove(log);
            if (_open.TryGetValue(directory, out var known) && known == log)
            {
                _open.Remove(directory);
            }
        }
    }

    /// <summary>Puts a log under the care of the housekeeping.</summary>
    internal void NoteActive(PartitionLog log)
    {
        lock (_gate)
        {
            if (_active.Add(log) && _active.Count == 1 && !_disposed)
            {
                _timer.Change(HousekeepingPeriod, Timeout.InfiniteTimeSpan);
            }
        }
    }

    /// <summary>Takes buffers from logs whose data is flushed, the longest unused first, until there is room for one more.</summary>
    internal void ReclaimBuffers(PartitionLog forLog)
    {
        PartitionLog[] candidates;
        lock (_gate)
        {
            candidates = [.. _active];
        }

        foreach (var log in candidates.Where(log => log != forLog).OrderBy(log => log.LastAppendTimestamp))
        {
            if (!Budget.IsExhausted)
            {
                break;
            }

            log.TryReleaseBuffer(wait: false);
        }
    }

    /// <summary>One round of housekeeping.</summary>
    internal async Task RunHousekeepingAsync()
    {
        await _housekeeping.WaitAsync();
        try
        {
            PartitionLog[] logs;
            lock (_gate)
            {
                logs = [.. _active];
            }

            await Parallel.ForEachAsync(
                logs,
                new ParallelOptions { MaxDegreeOfParallelism = MaxConcurrentMaintenance },
                async (log, _) => await MaintainAsync(log));

            lock (_gate)
            {
                if (_active.Count > 0 && !_disposed)
                {
                    _timer.Change(HousekeepingPeriod, Timeout.InfiniteTimeSpan);
                }
            }
        }
        finally
        {
            _housekeeping.Release();
        }
    }

    private async ValueTask MaintainAsync(PartitionLog log)
    {
        try
        {
            if (await log.MaintainAsync())
            {
                return;
            }
        }
        catch (Exception exception)
        {
            // The housekeeping is everybody's; one log must not end it.
            MaintenanceFailed(Logger, log.TopicPartition, exception);
            return;
        }

        lock (_gate)
        {
            _active.Remove(log);
        }

        // A log takes this lock while it holds its own, so it is asked outside: an append may have come meanwhile.
        if (log.NeedsMaintenance)
        {
            NoteActive(log);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{TopicPartition}: the housekeeping failed; it is tried again")]
    private static partial void MaintenanceFailed(ILogger logger, TopicPartition topicPartition, Exception exception);
}
