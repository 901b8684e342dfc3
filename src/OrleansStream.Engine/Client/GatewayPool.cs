using System.Net;
using System.Text;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Messaging;
using Orleans.Runtime;
using Orleans.Runtime.Messaging;
using OrleansStream.Engine.Identity;
using OrleansStream.Engine.Messaging;
using OrleansStream.Engine.Networking;

namespace OrleansStream.Engine.Client;

/// <summary>A client's connections to the cluster's gateways: one to each, opened again when it breaks. A grain's calls keep to one gateway.</summary>
internal sealed partial class GatewayPool(
    IGatewayListProvider provider,
    PeerIdentity self,
    FrameConnectionOptions options,
    ConnectionOptions connectionOptions,
    ClientManifest manifest,
    TimeProvider timeProvider,
    ILogger<GatewayPool> logger) : IAsyncDisposable
{
    private static readonly TimeSpan ShortestRetryDelay = TimeSpan.FromMilliseconds(50);

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly Dictionary<IPEndPoint, CancellationTokenSource> _known = [];
    private readonly List<Task> _loops = [];
    private Gateway[] _connected = [];
    private bool _isInitialized;

    /// <summary>Connects to the gateways; completes with the first connection. May be called again when it failed.</summary>
    /// <exception cref="ConnectionFailedException">No gateway is known, or none answers.</exception>
    /// <exception cref="ConnectionRefusedException">A gateway refuses this client.</exception>
    public async Task ConnectAsync(CancellationToken cancellationToken)
    {
        if (!_isInitialized)
        {
            await provider.InitializeGatewayListProvider().ConfigureAwait(false);
            _isInitialized = true;
        }

        var endPoints = await ListAsync().ConfigureAwait(false);
        if (endPoints.Length == 0)
        {
            throw new ConnectionFailedException("Could not find any gateway: the list of gateways is empty.");
        }

        var attempts = endPoints.Select(Keep).OfType<Task>().ToList();
        var errors = new List<Exception>();
        while (attempts.Count > 0)
        {
            var attempt = await Task.WhenAny(attempts).WaitAsync(cancellationToken).ConfigureAwait(false);
            if (attempt.IsCompletedSuccessfully)
            {
                break;
            }

            attempts.Remove(attempt);
            errors.Add(attempt.Exception?.InnerException ?? new OperationCanceledException());
        }

        if (Volatile.Read(ref _connected).Length == 0)
        {
            Forget([]);
            throw errors.OfType<ConnectionRefusedException>().FirstOrDefault()
                ?? (Exception)new ConnectionFailedException($"Could not connect to any gateway ({string.Join(", ", endPoints.Select(endPoint => endPoint.ToString()))}): {errors[0].Message}", errors[0]);
        }

        lock (_gate)
        {
            _loops.Add(FollowListAsync());
        }
    }

    /// <summary>The gateway for a grain: the same one as long as the gateways stay the same. Null when none is connected.</summary>
    public OutboundConnection? Choose(GrainId grainId)
    {
        var connected = Volatile.Read(ref _connected);
        if (connected.Length == 1)
        {
            return connected[0].Connection;
        }

        var grainHash = (ulong)grainId.GetUniformHashCode() << 32;
        Gateway? best = null;
        var bestWeight = 0UL;
        foreach (var gateway in connected)
        {
            var weight = StableHashCode.Mix(grainHash ^ gateway.Hash) >> (gateway.Connection.IsLeaving || gateway.Connection.IsClosed ? 48 : 0);
            if (best is null || weight > bestWeight)
            {
                best = gateway;
                bestWeight = weight;
            }
        }

        return best?.Connection;
    }

    public void EndExpired(long timestamp)
    {
        foreach (var gateway in Volatile.Read(ref _connected))
        {
            gateway.Connection.EndExpired(timestamp);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        Task[] loops;
        lock (_gate)
        {
            loops = [.. _loops];
        }

        await Task.WhenAll(Volatile.Read(ref _connected).Select(gateway => gateway.Connection.DisposeAsync().AsTask())).ConfigureAwait(false);
        await Task.WhenAll(loops).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task<IPEndPoint[]> ListAsync() => [.. (await provider.GetGateways().ConfigureAwait(false)).Select(GatewayUri.ToEndPoint).Distinct()];

    // Looks after a gateway from now on. The task is its first attempt to connect; null when it is looked after already.
    private Task? Keep(IPEndPoint endPoint)
    {
        lock (_gate)
        {
            if (_known.ContainsKey(endPoint))
            {
                return null;
            }

            var forgotten = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
            var firstAttempt = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _known[endPoint] = forgotten;
            _loops.Add(KeepConnectedAsync(endPoint, firstAttempt, forgotten.Token));
            return firstAttempt.Task;
        }
    }

    private async Task FollowListAsync()
    {
        using var timer = new PeriodicTimer(provider.MaxStaleness > TimeSpan.Zero ? provider.MaxStaleness : TimeSpan.FromMinutes(1), timeProvider);
        while (await timer.WaitForNextTickAsync(_stopping.Token).ConfigureAwait(false))
        {
            try
            {
                var endPoints = await ListAsync().ConfigureAwait(false);
                foreach (var endPoint in endPoints)
                {
                    _ = Keep(endPoint);
                }

                Forget(endPoints);
            }
            catch (Exception exception)
            {
                LogListFailed(logger, exception);
            }
        }
    }

    private void Forget(IPEndPoint[] listed)
    {
        lock (_gate)
        {
            foreach (var (endPoint, forgotten) in _known.Where(pair => !listed.Contains(pair.Key)).ToArray())
            {
                _known.Remove(endPoint);
                forgotten.Cancel();
            }

            _loops.RemoveAll(loop => loop.IsCompleted);
        }
    }

    private async Task KeepConnectedAsync(IPEndPoint endPoint, TaskCompletionSource firstAttempt, CancellationToken forgotten)
    {
        var delay = ShortestRetryDelay;
        while (true)
        {
            try
            {
                var connection = await OutboundConnection.ConnectAsync(endPoint, self, options, timeProvider, forgotten).ConfigureAwait(false);
                delay = ShortestRetryDelay;
                manifest.Add(connection.Manifest);
                var gateway = new Gateway(connection, StableHashCode.Of64(Encoding.UTF8.GetBytes(connection.Peer.Name)));
                Change(connected => [.. connected, gateway]);
                firstAttempt.TrySetResult();
                LogConnected(logger, connection.Peer.Name, endPoint.ToString());
                await connection.Closed.ConfigureAwait(false);
                Change(connected => [.. connected.Where(other => other != gateway)]);
                LogDisconnected(logger, endPoint.ToString());
            }
            catch (Exception exception)
            {
                // Nobody may be waiting for the first attempt any more.
                firstAttempt.TrySetException(exception);
                _ = firstAttempt.Task.Exception;
                if (forgotten.IsCancellationRequested)
                {
                    throw;
                }

                // Whatever it was: without this loop the gateway would never be tried again.
                LogConnectFailed(logger, endPoint.ToString(), exception.Message);
            }

            await Task.Delay(delay, timeProvider, forgotten).ConfigureAwait(false);
            delay = TimeSpan.FromTicks(Math.Min(delay.Ticks * 2, connectionOptions.ConnectionRetryDelay.Ticks));
        }
    }

    private void Change(Func<Gateway[], Gateway[]> change)
    {
        lock (_gate)
        {
            Volatile.Write(ref _connected, change(_connected));
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The list of gateways could not be read.")]
    private static partial void LogListFailed(ILogger logger, Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "Connected to gateway {Name} at {EndPoint}.")]
    private static partial void LogConnected(ILogger logger, string name, string endPoint);

    [LoggerMessage(Level = LogLevel.Information, Message = "The connection to the gateway at {EndPoint} is closed.")]
    private static partial void LogDisconnected(ILogger logger, string endPoint);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Could not connect to the gateway at {EndPoint}: {Reason}")]
    private static partial void LogConnectFailed(ILogger logger, string endPoint, string reason);

    private sealed record Gateway(OutboundConnection Connection, ulong Hash);
}
