using Microsoft.Extensions.Logging;

namespace OrleansStream.ZooKeeper;

/// <summary>A session for work that does not end with it (no ephemeral nodes, no locks): a new one is made after the last has ended.</summary>
/// <remarks>All members may be called from any thread.</remarks>
public sealed partial class RenewedSession : IAsyncDisposable
{
    private readonly Func<ZooKeeperOptions> _options;
    private readonly Func<ZooKeeperClient, CancellationToken, Task> _prepare;
    private readonly SemaphoreSlim _gate = new(1);
    private readonly CancellationTokenSource _disposed = new();
    private ZooKeeperClient? _client;

    /// <summary>Nothing is connected before <see cref="GetAsync"/>.</summary>
    /// <param name="options">How each session reaches the ensemble. What it throws, <see cref="GetAsync"/> throws.</param>
    /// <param name="prepare">What each new session does first; when it throws, so does <see cref="GetAsync"/>, and the session is closed.</param>
    public RenewedSession(Func<ZooKeeperOptions> options, Func<ZooKeeperClient, CancellationToken, Task>? prepare = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _prepare = prepare ?? ((_, _) => Task.CompletedTask);
    }

    /// <summary>The session, or a new one after the last has ended. It belongs to this object.</summary>
    /// <exception cref="ZooKeeperException">No session could be had.</exception>
    /// <exception cref="ObjectDisposedException">This object has been disposed of.</exception>
    public async ValueTask<ZooKeeperClient> GetAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _client) is { SessionEnded.IsCancellationRequested: false } current)
        {
            return current;
        }

        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed.IsCancellationRequested, this);
            if (_client is { SessionEnded.IsCancellationRequested: false } meanwhile)
            {
                return meanwhile;
            }

            var options = _options();
            if (_client is { } ended)
            {
                LogSessionEnded(options.Logger, ended.SessionId);
                await ended.DisposeAsync().ConfigureAwait(false);
            }

            _client = await ConnectAsync(options, cancellationToken).ConfigureAwait(false);
            return _client;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Closes the session.</summary>
    public async ValueTask DisposeAsync()
    {
        await _disposed.CancelAsync().ConfigureAwait(false);
        await _gate.WaitAsync().ConfigureAwait(false);
        try
        {
            if (_client is { } client)
            {
                _client = null;
                await client.DisposeAsync().ConfigureAwait(false);
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    private async Task<ZooKeeperClient> ConnectAsync(ZooKeeperOptions options, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _disposed.Token);
        var client = await ZooKeeperClient.ConnectAsync(options, either.Token).ConfigureAwait(false);
        try
        {
            await _prepare(client, either.Token).ConfigureAwait(false);
            return client;
        }
        catch
        {
            await client.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "ZooKeeper session 0x{SessionId:x} has ended; a new one is made.")]
    private static partial void LogSessionEnded(ILogger logger, long sessionId);
}
