using System.Diagnostics;

namespace OrleansStream.Client;

/// <summary>
/// A consumer's membership in its group. Calls to the coordinator (joining, heartbeats, commits) go on in the background;
/// everything that takes partitions away or brings them, callbacks included, happens in <see cref="AttendAsync"/>, which the
/// reader calls between records: nothing is taken from under a record that is being processed.
/// </summary>
internal sealed partial class GroupMember
{
    private static readonly TimeSpan FirstBackoff = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LargestBackoff = TimeSpan.FromSeconds(1);

    private readonly ClientContext _context;
    private readonly string _groupId;
    private readonly ConsumerOptions _options;
    private readonly ConsumerCore _core;
    private readonly CoordinatorCalls _coordinator;
    private readonly GroupLog _log;
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly HashSet<TopicPartition> _owned = [];
    private readonly RebalanceProtocol _rebalanceProtocol;

    private GroupSubscription? _subscription;
    private GroupIdentity _identity = GroupIdentity.None;
    private Task<JoinOutcome>? _join;
    private CancellationTokenSource? _joinCancellation;
    private string? _rejoinReason;
    private string? _lostBecause;
    private Exception? _failure;
    private bool _isPrepared;
    private bool _isClosed;
    private int _attention;

    public GroupMember(ClientContext context, string groupId, ConsumerOptions options, ConsumerCore core)
    {
        _context = context;
        _groupId = groupId;
        _options = options;
        _core = core;
        _coordinator = new CoordinatorCalls(context, groupId);
        _log = new GroupLog(context.LoggerFactory);
        _rebalanceProtocol = options.Assignors.All(assignor => assignor.Protocol == RebalanceProtocol.Cooperative)
            ? RebalanceProtocol.Cooperative
            : RebalanceProtocol.Eager;
        _lastHeartbeat = _lastRead = context.Time.GetTimestamp();
    }

    /// <summary>Whether the reader has something to do here before it goes on.</summary>
    public bool NeedsAttention => Volatile.Read(ref _attention) != 0;

    /// <summary>Whether a rebalance has yet to say what the member gets.</summary>
    public bool IsJoining
    {
        get
        {
            lock (_gate)
            {
                return _subscription is not null && (_join is not null || _rejoinReason is not null || !_identity.IsMember);
            }
        }
    }

    public bool IsSubscribed => Volatile.Read(ref _subscription) is not null;

    public IReadOnlyList<string> Subscription
    {
        get
        {
            lock (_gate)
            {
                return _subscription is { Pattern: not null } ? _topics : _subscription?.Topics ?? [];
            }
        }
    }

    public ConsumerGroupMetadata Metadata
    {
        get
        {
            var identity = Volatile.Read(ref _identity);
            return new ConsumerGroupMetadata(_groupId, identity.GenerationId, identity.MemberId, _options.GroupInstanceId);
        }
    }

    private TimeProvider Time => _context.Time;

    /// <summary>Changes what is subscribed to; the next read joins by it.</summary>
    public void Subscribe(GroupSubscription subscription)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isClosed, typeof(IConsumer<,>));
            if (_subscription is null && _core.Assignment.Count > 0)
            {
                throw new InvalidOperationException("Partitions are assigned by hand; Unassign them before Subscribe. A consumer does one or the other.");
            }

            var isNew = !subscription.SaysTheSame(_subscription);
            _subscription = subscription;
            if (isNew)
            {
                _failure = null;
                _rejoinReason = $"subscribes to {subscription}";
                _topics = [];
            }
        }

        StartWatching();
        StartCommitting();
        Attend();
    }

    /// <summary>Lets the reader come here before it takes anything else.</summary>
    private void Attend()
    {
        Volatile.Write(ref _attention, 1);
        _core.Wake();
    }

    /// <summary>Does what has come up. Only the reader calls it.</summary>
    /// <exception cref="GroupException">The consumer cannot be a member.</exception>
    /// <exception cref="OperationCanceledException">The token; what was not done yet is done by the next call.</exception>
    public async ValueTask AttendAsync(CancellationToken cancellationToken)
    {
        while (NeedsAttention)
        {
            await _stepTurn.WaitAsync(cancellationToken).ConfigureAwait(false);
            var isDone = false;
            try
            {
                Volatile.Write(ref _attention, 0);
                isDone = !await StepAsync(cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                if (!isDone)
                {
                    // There may be more; after an exception the next read finds it.
                    Volatile.Write(ref _attention, 1);
                }

                _stepTurn.Release();
            }
        }
    }

    /// <summary>Does the next thing; false when there is none.</summary>
    private async ValueTask<bool> StepAsync(CancellationToken cancellationToken)
    {
        JoinOutcome? joined = null;
        lock (_gate)
        {
            if (_isClosed)
            {
                return false;
            }

            if (_join is { IsCompleted: true })
            {
                joined = TakeJoinOutcome();
            }
        }

        if (joined is not null)
        {
            await ApplyAsync(joined, cancellationToken).ConfigureAwait(false);
            return true;
        }

        string? lost;
        string? rejoin;
        lock (_gate)
        {
            lost = _lostBecause;
            rejoin = _join is null && IsSubscribed ? _rejoinReason : null;
        }

        if (lost is not null)
        {
            await LoseAsync(lost, cancellationToken).ConfigureAwait(false);
            return true;
        }

        ThrowFailure();
        if (rejoin is not null)
        {
            await PrepareAsync(cancellationToken).ConfigureAwait(false);
            StartJoining(rejoin);
            return true;
        }

        CommitIfDue();
        return false;
    }

    /// <summary>Reports a failure once; a further read tries again, unless that would take the place of another member.</summary>
    private void ThrowFailure()
    {
        lock (_gate)
        {
            if (_failure is not { } failure)
            {
                return;
            }

            if (failure is not GroupException { Error: ErrorCode.FencedInstanceId })
            {
                _failure = null;
                _rejoinReason ??= "trying again after a failure";
            }

            throw failure;
        }
    }

    private JoinOutcome TakeJoinOutcome()
    {
        Debug.Assert(_gate.IsHeldByCurrentThread && _join is { IsCompleted: true }, "Only a join that has ended is taken.");
        var join = _join;
        _join = null;
        _joinCancellation?.Dispose();
        _joinCancellation = null;
        return join.IsCompletedSuccessfully
            ? join.Result
            : new JoinOutcome
            {
                Identity = _identity,
                Failure = join.IsCanceled ? null : new GroupException(
                    CallFailures.ToErrorCode(join.Exception!.InnerException!),
                    _groupId,
                    $"Joining group '{_groupId}' failed: {join.Exception!.InnerException!.Message}",
                    join.Exception.InnerException),
            };
    }

    /// <summary>Asks the reader to join again.</summary>
    private void RequestRejoin(string reason)
    {
        lock (_gate)
        {
            _rejoinReason ??= reason;
        }

        Attend();
    }

    /// <summary>The session has ended without this member's doing: what it owns is not its own any more.</summary>
    private void Lose(GroupIdentity of, ErrorCode error, string reason)
    {
        lock (_gate)
        {
            if (_identity != of)
            {
                return;
            }

            // After an old generation the id is still good (Kafka's ILLEGAL_GENERATION).
            Volatile.Write(ref _identity, error == ErrorCode.IllegalGeneration ? of with { GenerationId = -1 } : GroupIdentity.None);
            _lostBecause = reason;
            _rejoinReason ??= reason;
        }

        Attend();
    }

    private void Fail(Exception failure)
    {
        lock (_gate)
        {
            _failure = failure;
        }

        Attend();
    }
}
