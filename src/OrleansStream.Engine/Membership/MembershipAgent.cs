using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Runtime;
using OrleansStream.Engine.Messaging;

namespace OrleansStream.Engine.Membership;

/// <summary>This silo's part in the membership: writes itself down, follows the table, watches the others.</summary>
internal sealed partial class MembershipAgent : IClusterMembershipService, IAsyncDisposable
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(200);

    private readonly IMembershipTable _table;
    private readonly SiloConnections _connections;
    private readonly ClusterMembershipOptions _options;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stopping = new();
    private TaskCompletionSource _changedSignal = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IDisposable? _subscription;
    private MembershipView _view = MembershipView.Empty;
    private MemberRecord _self;
    private Task _watching = Task.CompletedTask;
    private bool _isStopped;
    private bool _isStale;
    private int _isRefreshing;

    public MembershipAgent(
        MemberRecord self,
        IMembershipTable table,
        SiloConnections connections,
        ClusterMembershipOptions options,
        TimeProvider timeProvider,
        ILogger logger)
    {
        _self = self;
        _table = table;
        _connections = connections;
        _options = options;
        _timeProvider = timeProvider;
        _logger = logger;
    }

    /// <summary>Called after every change, one at a time, with the view before and the view now.</summary>
    public Action<MembershipView, MembershipView>? Changed { get; set; }

    /// <summary>Called when the others have declared this silo dead.</summary>
    public Action? DeclaredDead { get; set; }

    public MemberRecord Self => Volatile.Read(ref _self);

    public MembershipView View => Volatile.Read(ref _view);

    public ClusterMembershipSnapshot CurrentSnapshot => View.Snapshot;

    public IAsyncEnumerable<ClusterMembershipSnapshot> MembershipUpdates => FollowAsync();

    public SiloStatus CurrentStatus => Self.Status;

    /// <summary>Joins the cluster: earlier incarnations at this endpoint are declared dead, and this silo is written down as joining.</summary>
    /// <exception cref="OrleansException">The table could not be written within MaxJoinAttemptTime.</exception>
    public async Task JoinAsync(CancellationToken cancellationToken)
    {
        _subscription = _table.Subscribe(() => _ = RefreshQuietlyAsync());
        var start = _timeProvider.GetTimestamp();
        while (true)
        {
            try
            {
                var view = await _table.ReadAsync(cancellationToken).ConfigureAwait(false);
                foreach (var earlier in view.Members.Where(member => member.Status != SiloStatus.Dead && member.Silo.IsPredecessorOf(Self.Silo)))
                {
                    await DeclareDeadAsync(earlier.Silo, cancellationToken).ConfigureAwait(false);
                }

                await SetStatusAsync(SiloStatus.Joining, cancellationToken).ConfigureAwait(false);
                break;
            }
            catch (Exception exception) when (exception is OrleansException and not ConnectionRefusedException)
            {
                if (_timeProvider.GetElapsedTime(start) >= _options.MaxJoinAttemptTime)
                {
                    throw new OrleansException($"The silo could not join the cluster within {_options.MaxJoinAttemptTime}: {exception.Message}", exception);
                }

                LogJoinRetry(_logger, exception.Message);
                await Task.Delay(RetryDelay, _timeProvider, cancellationToken).ConfigureAwait(false);
            }
        }

        _watching = Task.WhenAll(RefreshLoopAsync(), _options.LivenessEnabled ? ProbeLoopAsync() : Task.CompletedTask);
    }

    /// <summary>Writes this silo's status down and tells the others.</summary>
    public async Task SetStatusAsync(SiloStatus status, CancellationToken cancellationToken)
    {
        Volatile.Write(ref _self, Self with { Status = status });
        if (status == SiloStatus.Dead)
        {
            Volatile.Write(ref _isStopped, true);
        }

        await UpdateAsync(Self.Silo, _ => Self, cancellationToken).ConfigureAwait(false);
        await Refresh(default, cancellationToken).ConfigureAwait(false);
        await GossipAsync(cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask Refresh(MembershipVersion minimumVersion = default, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var view = await _table.ReadAsync(cancellationToken).ConfigureAwait(false);
            Apply(view);
            if (view.Version >= minimumVersion.Value)
            {
                return;
            }

            await Task.Delay(RetryDelay, _timeProvider, cancellationToken).ConfigureAwait(false);
        }
    }

    public async Task<bool> TryKill(SiloAddress siloAddress)
    {
        ArgumentNullException.ThrowIfNull(siloAddress);
        await DeclareDeadAsync(siloAddress, CancellationToken.None).ConfigureAwait(false);
        return View.StatusOf(siloAddress) == SiloStatus.Dead;
    }

    /// <summary>Stops following and watching; tells nobody.</summary>
    public void Abort()
    {
        Volatile.Write(ref _isStopped, true);
        _subscription?.Dispose();
        _stopping.Cancel();
    }

    public async ValueTask DisposeAsync()
    {
        Abort();
        await _watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task DeclareDeadAsync(SiloAddress silo, CancellationToken cancellationToken)
    {
        await UpdateAsync(silo, record => record is null || record.Status == SiloStatus.Dead ? null : record with { Status = SiloStatus.Dead }, cancellationToken).ConfigureAwait(false);
        await Refresh(default, cancellationToken).ConfigureAwait(false);
        await GossipAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Changes a record, again when another silo was faster. The change returns null when there is nothing to do.</summary>
    private async Task UpdateAsync(SiloAddress silo, Func<MemberRecord?, MemberRecord?> change, CancellationToken cancellationToken)
    {
        while (true)
        {
            var view = await _table.ReadAsync(cancellationToken).ConfigureAwait(false);
            if (change(view.Find(silo)) is not { } record || await _table.TryWriteAsync(record, view.Version, cancellationToken).ConfigureAwait(false))
            {
                return;
            }
        }
    }

    private void Apply(MembershipView view)
    {
        TaskCompletionSource signal;
        lock (_gate)
        {
            var before = _view;
            if (view.Version <= before.Version)
            {
                return;
            }

            Volatile.Write(ref _view, view);
            signal = _changedSignal;
            _changedSignal = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Changed?.Invoke(before, view);
        }

        signal.TrySetResult();
        if (!Volatile.Read(ref _isStopped) && Self.Status is not SiloStatus.Created)
        {
            if (view.StatusOf(Self.Silo) == SiloStatus.Dead)
            {
                LogDeclaredDead(_logger, Self.Silo.ToString());
                Abort();
                DeclaredDead?.Invoke();
            }
            else if (view.Find(Self.Silo) is null && Self.Status is SiloStatus.Active)
            {
                // The primary was started anew and knows nobody.
                _ = RunQuietlyAsync(token => SetStatusAsync(SiloStatus.Active, token));
            }
        }
    }

    private async IAsyncEnumerable<ClusterMembershipSnapshot> FollowAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var last = long.MinValue;
        while (!cancellationToken.IsCancellationRequested)
        {
            Task changed;
            MembershipView view;
            lock (_gate)
            {
                changed = _changedSignal.Task;
                view = _view;
            }

            if (view.Version > last)
            {
                last = view.Version;
                yield return view.Snapshot;
            }
            else
            {
                using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stopping.Token);
                await changed.WaitAsync(either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (_stopping.IsCancellationRequested)
                {
                    yield break;
                }
            }
        }
    }

    private async Task GossipAsync(CancellationToken cancellationToken)
    {
        // Silos of one process hear of changes from the table itself; the others are told. Who is not reached reads the table later.
        var others = View.Members.Where(member => member.Status is SiloStatus.Active or SiloStatus.Joining && !member.Silo.Equals(Self.Silo));
        await Task.WhenAll(others.Select(other => TellAsync(other.Silo, cancellationToken))).ConfigureAwait(false);
    }

    private async Task TellAsync(SiloAddress silo, CancellationToken cancellationToken)
    {
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(_options.ProbeTimeout);
            var connection = await _connections.ConnectForSystemAsync(silo).AsTask().WaitAsync(limit.Token).ConfigureAwait(false);
            await connection.RequestAsync(MembershipRequests.Changed, static _ => { }, limit.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is OrleansException or OperationCanceledException)
        {
            LogGossipFailed(_logger, silo.ToString(), exception.Message);
        }
    }

    private async Task RefreshLoopAsync()
    {
        using var timer = new PeriodicTimer(_options.TableRefreshTimeout, _timeProvider);
        while (await timer.WaitForNextTickAsync(_stopping.Token).ConfigureAwait(false))
        {
            await RefreshQuietlyAsync().ConfigureAwait(false);
        }
    }

    // Reads the table, again and again while that fails: what changed meanwhile is told nobody once more.
    private async Task RefreshQuietlyAsync()
    {
        if (Interlocked.Exchange(ref _isRefreshing, 1) != 0)
        {
            // Whoever reads now may have begun before the change: it reads once more.
            Volatile.Write(ref _isStale, true);
            return;
        }

        try
        {
            do
            {
                Volatile.Write(ref _isStale, false);
                while (!await RunQuietlyAsync(token => Refresh(default, token).AsTask()).ConfigureAwait(false))
                {
                    await Task.Delay(RetryDelay, _timeProvider, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }
            }
            while (Volatile.Read(ref _isStale));
        }
        finally
        {
            Volatile.Write(ref _isRefreshing, 0);
        }

        if (Volatile.Read(ref _isStale))
        {
            _ = RefreshQuietlyAsync();
        }
    }

    // Whether it was done, or need not be done any more.
    private async Task<bool> RunQuietlyAsync(Func<CancellationToken, Task> work)
    {
        try
        {
            await work(_stopping.Token).ConfigureAwait(false);
            return true;
        }
        catch (Exception exception)
        {
            if (!_stopping.IsCancellationRequested)
            {
                LogTableFailed(_logger, exception.Message);
            }

            return _stopping.IsCancellationRequested;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The membership table cannot be reached yet: {Reason}")]
    private static partial void LogJoinRetry(ILogger logger, string reason);

    [LoggerMessage(Level = LogLevel.Critical, Message = "Silo {Silo} was declared dead by the others and stops.")]
    private static partial void LogDeclaredDead(ILogger logger, string silo);

    [LoggerMessage(Level = LogLevel.Information, Message = "Silo {Silo} could not be told of a membership change: {Reason}")]
    private static partial void LogGossipFailed(ILogger logger, string silo, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The membership table could not be read or written: {Reason}")]
    private static partial void LogTableFailed(ILogger logger, string reason);
}
