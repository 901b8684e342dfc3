using OrleansStream.Abstractions;
using OrleansStream.Protocol;
using ConsumerEmbeddedProtocol = OrleansStream.Protocol.Kafka.ConsumerEmbeddedProtocol;

namespace OrleansStream.Client;

/// <content>Joining and syncing: the network's part of a rebalance, in the background.</content>
internal sealed partial class GroupMember
{
    // As leader: how many partitions there were when it assigned, so that a change is noticed. Null for others.
    private IReadOnlyDictionary<string, int>? _assignedCounts;
    private IReadOnlyList<TopicPartition> _lastAssignment = [];
    private int _lastGeneration = -1;

    private void StartJoining(string reason)
    {
        lock (_gate)
        {
            if (_isClosed || _subscription is null || _join is not null)
            {
                return;
            }

            _rejoinReason = null;
            _isPrepared = false;
            _joinCancellation = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
            var (subscription, owned, cancellation) = (_subscription, _owned.ToArray(), _joinCancellation.Token);
            _join = Task.Run(() => JoinAsync(subscription, owned, reason, cancellation), CancellationToken.None);
            _ = _join.ContinueWith(_ => Attend(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    private async Task<JoinOutcome> JoinAsync(GroupSubscription subscription, TopicPartition[] owned, string reason, CancellationToken cancellationToken)
    {
        var backoff = new RetryBackoff(FirstBackoff, LargestBackoff);
        while (true)
        {
            string message;
            try
            {
                var topics = await ResolveTopicsAsync(subscription, cancellationToken).ConfigureAwait(false);
                var outcome = _options.GroupProtocol == GroupProtocol.Consumer
                    ? await JoinByHeartbeatAsync(topics, owned, cancellationToken).ConfigureAwait(false)
                    : await JoinOnceAsync(topics, owned, reason, cancellationToken).ConfigureAwait(false);
                if (outcome is not null)
                {
                    return outcome;
                }

                message = "the group is rebalancing again";
            }
            catch (OrleansStreamException exception) when (exception.IsRetriable)
            {
                message = exception.Message;
            }

            var pause = backoff.Next();
            _log.CannotJoin(_groupId, message, pause);
            await Task.Delay(pause, Time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Joins and syncs; null when it has to be done again at once.</summary>
    private async Task<JoinOutcome?> JoinOnceAsync(IReadOnlyList<string> topics, TopicPartition[] owned, string reason, CancellationToken cancellationToken)
    {
        var identity = Volatile.Read(ref _identity);
        _log.Joining(_groupId, identity.MemberId, reason);
        var joined = await CallJoinAsync(BuildJoin(topics, owned, reason), cancellationToken).ConfigureAwait(false);
        if (joined.Error == ErrorCode.MemberIdRequired)
        {
            SetIdentity(new GroupIdentity(joined.MemberId, -1));
            joined = await CallJoinAsync(BuildJoin(topics, owned, reason), cancellationToken).ConfigureAwait(false);
        }

        if (joined.Error != ErrorCode.None)
        {
            return Judge(joined.Error, owned.Length > 0);
        }

        // From now on heartbeats keep the session, also while the leader assigns.
        identity = new GroupIdentity(joined.MemberId, joined.GenerationId);
        SetIdentity(identity);
        StartHeartbeats();
        var assignments = joined.Leader == joined.MemberId
            ? await AssignAsync(joined, cancellationToken).ConfigureAwait(false)
            : Follow();
        var request = new SyncGroupRequest(
            Guid.NewGuid(), _groupId, joined.GenerationId, joined.MemberId, _options.GroupInstanceId, joined.ProtocolType, joined.ProtocolName, assignments);
        var synced = await CallSyncAsync(request, cancellationToken).ConfigureAwait(false);
        if (synced.Error != ErrorCode.None)
        {
            return Judge(synced.Error, owned.Length > 0);
        }

        var assignment = ReadAssignment(synced, joined.ProtocolName ?? string.Empty);
        _lastAssignment = assignment;
        _lastGeneration = joined.GenerationId;
        return new JoinOutcome
        {
            Identity = identity,
            Protocol = joined.ProtocolName ?? string.Empty,
            Assignment = assignment,
            Committed = await FindCommittedAsync([.. assignment.Except(owned)], cancellationToken).ConfigureAwait(false),
        };
    }

    private IReadOnlyList<TopicPartition> ReadAssignment(SyncGroupResponse synced, string protocolName)
    {
        try
        {
            return [.. ConsumerProtocol.ReadAssignment(synced.Assignment).Distinct()];
        }
        catch (ProtocolException exception)
        {
            throw new GroupException(
                ErrorCode.InconsistentGroupProtocol,
                _groupId,
                $"The assignment that the leader of group '{_groupId}' made by '{protocolName}' cannot be read: {exception.Message}",
                exception);
        }
    }

    private JoinGroupRequest BuildJoin(IReadOnlyList<string> topics, TopicPartition[] owned, string reason)
    {
        var memberId = Volatile.Read(ref _identity).MemberId;
        var protocols = _options.Assignors.Select(assignor => new Abstractions.GroupProtocol(
            assignor.Name,
            ConsumerProtocol.WriteSubscription(new MemberSubscription
            {
                MemberId = memberId,
                Topics = topics,
                UserData = assignor.GetUserData(_lastAssignment, _lastGeneration),
                OwnedPartitions = owned,
                GenerationId = _lastGeneration,
                RackId = _options.ClientRack,
            })));
        return new JoinGroupRequest(
            Guid.NewGuid(),
            _groupId,
            memberId,
            _options.GroupInstanceId,
            _options.ClientId,
            "/" + Environment.MachineName,
            (int)_options.SessionTimeout.TotalMilliseconds,
            (int)_options.MaxPollInterval.TotalMilliseconds,
            ConsumerEmbeddedProtocol.ProtocolType,
            [.. protocols],
            RequiresKnownMemberId: _options.GroupInstanceId is null,
            SupportsSkippingAssignment: false,
            reason);
    }

    private async Task<MemberAssignment[]> AssignAsync(JoinGroupResponse joined, CancellationToken cancellationToken)
    {
        _log.Assigning(_groupId, joined.GenerationId, joined.Members.Length, joined.ProtocolName ?? string.Empty);
        var assignor = _options.Assignors.FirstOrDefault(candidate => candidate.Name == joined.ProtocolName)
            ?? throw new GroupException(
                ErrorCode.InconsistentGroupProtocol,
                _groupId,
                $"Group '{_groupId}' follows the assignor '{joined.ProtocolName}', which this consumer has not offered.");
        var members = Array.ConvertAll(
            joined.Members,
            member => ConsumerProtocol.ReadSubscription(member.MemberId, member.GroupInstanceId, member.Metadata));
        var counts = await CountPartitionsAsync(members.SelectMany(member => member.Topics), cancellationToken).ConfigureAwait(false);
        var assignment = assignor.Assign(counts, members);
        foreach (var member in members)
        {
            foreach (var stray in assignment.GetValueOrDefault(member.MemberId, []).Where(partition => !member.Topics.Contains(partition.Topic, StringComparer.Ordinal)))
            {
                _log.StrayAssignment(_groupId, assignor.Name, stray, member.MemberId);
            }
        }

        lock (_gate)
        {
            _assignedCounts = counts;
        }

        return Array.ConvertAll(members, member => new MemberAssignment(
            member.MemberId,
            ConsumerProtocol.WriteAssignment(assignment.GetValueOrDefault(member.MemberId, []))));
    }

    private MemberAssignment[] Follow()
    {
        lock (_gate)
        {
            _assignedCounts = null;
        }

        return [];
    }

    /// <summary>What a refusal means: null to join again, else how the attempt ends.</summary>
    /// <exception cref="OrleansStreamException">The coordinator cannot answer now.</exception>
    private JoinOutcome? Judge(ErrorCode error, bool ownsSomething)
    {
        var identity = Volatile.Read(ref _identity);
        switch (error)
        {
            case ErrorCode.RebalanceInProgress:
                return null;
            case ErrorCode.UnknownMemberId or ErrorCode.IllegalGeneration:
                identity = error == ErrorCode.UnknownMemberId ? GroupIdentity.None : identity with { GenerationId = -1 };
                SetIdentity(identity);
                return ownsSomething ? new JoinOutcome { Identity = identity, LostBecause = $"the coordinator answers {error.WireName()}" } : null;
            case var _ when error.MayRetry():
                throw new OrleansStreamException(error, error.WireName());
            default:
                return new JoinOutcome { Identity = identity, Failure = new GroupException(error, _groupId, error.Explain(_options)) };
        }
    }

    /// <summary>Joins, and waits for as long as the group takes; an attempt whose answer is lost is repeated by the same request.</summary>
    private async Task<JoinGroupResponse> CallJoinAsync(JoinGroupRequest request, CancellationToken cancellationToken)
    {
        while (true)
        {
            var answer = await _coordinator.CallOnceAsync(
                (grain, token) => grain.JoinGroupAsync(request, token),
                static answer => answer.Error,
                GroupCoordinatorCalls.MaxWait + _options.RequestTimeout,
                cancellationToken).ConfigureAwait(false);
            if (!answer.IsPending)
            {
                return answer;
            }
        }
    }

    private async Task<SyncGroupResponse> CallSyncAsync(SyncGroupRequest request, CancellationToken cancellationToken)
    {
        while (true)
        {
            var answer = await _coordinator.CallOnceAsync(
                (grain, token) => grain.SyncGroupAsync(request, token),
                static answer => answer.Error,
                GroupCoordinatorCalls.MaxWait + _options.RequestTimeout,
                cancellationToken).ConfigureAwait(false);
            if (!answer.IsPending)
            {
                return answer;
            }
        }
    }

    private void SetIdentity(GroupIdentity identity)
    {
        lock (_gate)
        {
            Volatile.Write(ref _identity, identity);
        }
    }
}
