using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace OrleansStream.Metadata.Local;

/// <summary>
/// A tree with ZooKeeper's semantics in this process, kept in a directory. Sessions are opened on it.
/// </summary>
/// <remarks>
/// <para>All operations go through one queue and are worked off in order, as many at a time as are waiting. The writes of such a
/// batch are planned on an immutable tree, written and flushed together, and only then become visible and answered; if the
/// disk refuses them, the tree before them stays.</para>
/// <para>Ephemeral nodes of sessions that were open when the process died are gone when the directory is opened again.</para>
/// </remarks>
public sealed partial class LocalMetadataDatabase : IAsyncDisposable
{
    private const int MaxQueuedRequests = 4096;
    private const int MaxBatchRequests = 512;

    private readonly Channel<LocalRequest> _requests = Channel.CreateBounded<LocalRequest>(
        new BoundedChannelOptions(MaxQueuedRequests) { SingleReader = true });

    private readonly Dictionary<long, LocalMetadataStore> _sessions = [];
    private readonly List<TreeTransaction> _transactions = [];
    private readonly DirectoryLock? _lock;
    private readonly MetadataJournal _journal;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Task _loop;
    private ZNodeTree _tree;
    private int _isDisposed;

    private LocalMetadataDatabase(
        DirectoryLock? directoryLock, MetadataJournal journal, ZNodeTree tree, RecoveryReport recovery, TimeProvider time, ILogger logger)
    {
        _lock = directoryLock;
        _journal = journal;
        _tree = tree;
        _time = time;
        _logger = logger;
        Recovery = recovery;
        _loop = Task.Run(RunAsync);
    }

    /// <summary>What was found when it was opened.</summary>
    public RecoveryReport Recovery { get; }

    /// <summary>Why writes are refused until the next start; null if all is well.</summary>
    public string? ReadOnlyReason => _journal.ReadOnlyReason;

    /// <summary>Opens a directory.</summary>
    /// <exception cref="MetadataLockedException">Another process uses it.</exception>
    /// <exception cref="MetadataCorruptException">Its files are damaged in a way that no crash leaves behind.</exception>
    /// <exception cref="MetadataFormatException">Its files are of a newer format.</exception>
    /// <exception cref="IOException">It cannot be read or written.</exception>
    public static async Task<LocalMetadataDatabase> OpenAsync(
        LocalMetadataOptions options, TimeProvider time, ILogger? logger = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxJournalBytes, 4096);
        ArgumentNullException.ThrowIfNull(time);
        var database = await Task.Run(
            () =>
            {
                var held = DirectoryLock.Acquire(options.Directory);
                try
                {
                    return Open(new DiskDirectory(options.Directory), held, options.MaxJournalBytes, time, logger ?? NullLogger.Instance);
                }
                catch
                {
                    held.Dispose();
                    throw;
                }
            },
            cancellationToken);
        return database;
    }

    /// <summary>Starts a session.</summary>
    public async Task<LocalMetadataStore> OpenSessionAsync(CancellationToken cancellationToken = default)
    {
        var request = new LocalRequest.OpenSession();
        await EnqueueAsync(request, cancellationToken);
        var sessionId = await request.Task.WaitAsync(cancellationToken);
        return request.Store ?? throw new InvalidOperationException($"Session {sessionId} was opened without its object.");
    }

    /// <summary>Ends a session as if its client had not been heard of for too long.</summary>
    public async Task ExpireSessionAsync(long sessionId, CancellationToken cancellationToken = default)
    {
        var request = new LocalRequest.CloseSession(sessionId);
        await EnqueueAsync(request, cancellationToken);
        await request.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Works off what is queued, ends all sessions and lets go of the directory.</summary>
    public async ValueTask DisposeAsync()
    {
        _requests.Writer.TryComplete();
        await _loop;
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
        {
            return;
        }

        EndSessions();
        _journal.Dispose();
        _lock?.Dispose();
    }

    internal static LocalMetadataDatabase Open(
        IStoreDirectory directory, DirectoryLock? held, long maxJournalBytes, TimeProvider time, ILogger logger)
    {
        var (journal, tree, recovery) = MetadataJournal.Open(directory, maxJournalBytes);
        try
        {
            LogOpened(logger, directory.FullPath, tree.LastZxid, recovery.SnapshotZxid, recovery.TransactionCount);
            if (recovery.TornBytes > 0)
            {
                LogTornTail(logger, directory.FullPath, recovery.TornBytes);
            }

            tree = EndLeftSessions(journal, tree, time);
            return new LocalMetadataDatabase(held, journal, tree, recovery, time, logger);
        }
        catch
        {
            journal.Dispose();
            throw;
        }
    }

    internal async Task EnqueueAsync(LocalRequest request, CancellationToken cancellationToken)
    {
        try
        {
            await _requests.Writer.WriteAsync(request, cancellationToken);
        }
        catch (ChannelClosedException e)
        {
            throw e.InnerException is MetadataUnavailableException failure
                ? new MetadataUnavailableException(failure.Message, isOutcomeUnknown: false, failure)
                : new ObjectDisposedException(nameof(LocalMetadataDatabase));
        }
    }

    private static ZNodeTree EndLeftSessions(MetadataJournal journal, ZNodeTree tree, TimeProvider time)
    {
        if (tree.Sessions.IsEmpty)
        {
            return tree;
        }

        var end = new TreeTransaction(
            tree.LastZxid + 1,
            time.GetUtcNow().ToUnixTimeMilliseconds(),
            [.. tree.Sessions.Select(session => new TreeChange.CloseSession(session))]);
        var after = tree.Apply(end);
        journal.Append([end]);
        return after;
    }

    [LoggerMessage(LogLevel.Information, "Opened the metadata in {Directory} at transaction {Zxid}: snapshot of transaction {SnapshotZxid}, {Transactions} transactions replayed")]
    private static partial void LogOpened(ILogger logger, string directory, long zxid, long snapshotZxid, int transactions);

    [LoggerMessage(LogLevel.Warning, "Cut {Bytes} bytes off the metadata journal in {Directory}: they were being written when the last process or machine died and had not been acknowledged")]
    private static partial void LogTornTail(ILogger logger, string directory, int bytes);

    [LoggerMessage(LogLevel.Warning, "The metadata journal could not be replaced by a snapshot and goes on growing")]
    private static partial void LogRotationFailed(ILogger logger, Exception exception);

    [LoggerMessage(LogLevel.Error, "Metadata writes were refused by the disk")]
    private static partial void LogAppendFailed(ILogger logger, Exception exception);

    [LoggerMessage(LogLevel.Critical, "The metadata store has failed and takes no more requests")]
    private static partial void LogLoopFailed(ILogger logger, Exception exception);

    [LoggerMessage(LogLevel.Error, "A watch on {Path} threw; watches must not throw")]
    private static partial void LogWatchThrew(ILogger logger, string path, Exception exception);
}
