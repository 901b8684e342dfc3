using System.Buffers.Text;
using OrleansStream.Abstractions;

namespace OrleansStream.Client;

/// <content>The consumer protocol (KIP-848): the coordinator assigns by its answers to heartbeats.</content>
internal sealed partial class GroupMember
{
    private TopicIdPartitions[]? _nextTarget;
    private TimeSpan _serverInterval;
    private bool _ownsOthers;
    private string[] _toldTopics = [];

    /// <summary>
    /// Whether a heartbeat was not answered well. The coordinator may have carried it out all the same, and tells an assignment once only: the next
    /// heartbeat says everything, which is answered with the whole assignment.
    /// </summary>
    private volatile bool _saysEverything;

    /// <summary>Joins, or tells a new subscription: a heartbeat that says everything. Null when it has to be done again at once.</summary>
    private async Task<JoinOutcome?> JoinByHeartbeatAsync(IReadOnlyList<string> topics, TopicPartition[] owned, CancellationToken cancellationToken)
    {
        var identity = Volatile.Read(ref _identity);
        if (identity.MemberId.Length == 0)
        {
            identity = new GroupIdentity(Base64Url.EncodeToString(Guid.NewGuid().ToByteArray()), -1);
            SetIdentity(identity);
        }

        _log.Joining(_groupId, identity.MemberId, "by heartbeat");
        _toldTopics = [.. topics];
        var answer = await SendAsync(
            new ConsumerGroupHeartbeatRequest(
                _groupId,
                identity.MemberId,
                identity.IsMember ? identity.GenerationId : 0,
                _options.GroupInstanceId,
                _options.ClientRack,
                (int)_options.MaxPollInterval.TotalMilliseconds,
                _toldTopics,
                null,
                _options.RemoteAssignor,
                await ToTopicIdsAsync(owned, cancellationToken).ConfigureAwait(false),
                _options.ClientId,
                "/" + Environment.MachineName),
            _options.RequestTimeout,
            cancellationToken).ConfigureAwait(false);
        switch (answer.Error)
        {
            case ErrorCode.None:
                break;
            case ErrorCode.UnreleasedInstanceId:
                // Its predecessor has not ended yet.
                throw new OrleansStreamException(ErrorCode.CoordinatorNotAvailable, answer.ErrorMessage ?? answer.Error.WireName());
            case ErrorCode.FencedMemberEpoch or ErrorCode.UnknownMemberId:
                return Judge(ErrorCode.UnknownMemberId, owned.Length > 0);
            case ErrorCode.UnsupportedVersion or ErrorCode.GroupIdNotFound:
                return new JoinOutcome
                {
                    Identity = identity,
                    Failure = new GroupException(answer.Error, _groupId, answer.ErrorMessage ?? $"The cluster does not offer the consumer protocol to group '{_groupId}'; use GroupProtocol.Classic."),
                };
            default:
                if (!answer.Error.MayRetry() && answer.ErrorMessage is { } message)
                {
                    return new JoinOutcome { Identity = identity, Failure = new GroupException(answer.Error, _groupId, message) };
                }

                return Judge(answer.Error, owned.Length > 0);
        }

        lock (_gate)
        {
            // What an earlier membership or subscription was to own does not count any more.
            _nextTarget = null;
            _saysEverything = false;
            identity = Accept(identity, answer);
        }

        StartHeartbeats();
        return answer.Assignment is { } target
            ? await ReconcileAsync(identity, target, owned, cancellationToken).ConfigureAwait(false)
            : new JoinOutcome { Identity = identity, Protocol = "consumer", Assignment = owned };
    }

    private async Task<ErrorCode> BeatByConsumerProtocolAsync(GroupIdentity identity, TimeSpan timeout)
    {
        TopicPartition[]? owned;
        bool saysEverything;
        lock (_gate)
        {
            saysEverything = _saysEverything;
            owned = saysEverything || (_ownsOthers && _join is null) ? [.. _owned.Order()] : null;
        }

        var request = new ConsumerGroupHeartbeatRequest(
            _groupId,
            identity.MemberId,
            identity.GenerationId,
            _options.GroupInstanceId,
            saysEverything ? _options.ClientRack : null,
            saysEverything ? (int)_options.MaxPollInterval.TotalMilliseconds : -1,
            saysEverything ? _toldTopics : null,
            null,
            saysEverything ? _options.RemoteAssignor : null,
            owned is null ? null : await ToTopicIdsAsync(owned, _stopping.Token).ConfigureAwait(false),
            _options.ClientId,
            "/" + Environment.MachineName);
        _saysEverything = true;
        var answer = await SendAsync(request, timeout, _stopping.Token).ConfigureAwait(false);
        if (answer.Error != ErrorCode.None)
        {
            return answer.Error;
        }

        lock (_gate)
        {
            if (_identity != identity)
            {
                return ErrorCode.None;
            }

            Accept(identity, answer);
            _saysEverything = false;
            _ownsOthers &= owned is null;
            _nextTarget = answer.Assignment ?? _nextTarget;
        }

        StartReconciling();
        return ErrorCode.None;
    }

    private GroupIdentity Accept(GroupIdentity identity, ConsumerGroupHeartbeatResponse answer)
    {
        identity = new GroupIdentity(string.IsNullOrEmpty(answer.MemberId) ? identity.MemberId : answer.MemberId, answer.MemberEpoch);
        _serverInterval = TimeSpan.FromMilliseconds(Math.Max(answer.HeartbeatIntervalMs, 1));
        SetIdentity(identity);
        return identity;
    }

    /// <summary>Lets the reader go over to the newest target, unless it is still busy with one.</summary>
    private void StartReconciling()
    {
        lock (_gate)
        {
            if (_nextTarget is not { } target || _join is not null || _isClosed || _subscription is null)
            {
                return;
            }

            _nextTarget = null;
            var (identity, owned) = (_identity, _owned.ToArray());
            _joinCancellation = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
            var cancellation = _joinCancellation.Token;
            _join = Task.Run(() => ReconcileAsync(identity, target, owned, cancellation), CancellationToken.None);
            _ = _join.ContinueWith(_ => Attend(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    private async Task<JoinOutcome> ReconcileAsync(GroupIdentity identity, TopicIdPartitions[] target, TopicPartition[] owned, CancellationToken cancellationToken)
    {
        var names = Array.TrueForAll(target, topic => topic.TopicName.Length > 0)
            ? null
            : (await _context.CallClusterAsync(
                (grain, token) => grain.GetMetadataAsync(new MetadataRequest(null, AllowAutoTopicCreation: false), token),
                isRepeatable: true,
                cancellationToken).ConfigureAwait(false)).Topics.ToDictionary(topic => topic.TopicId, topic => topic.Name);
        TopicPartition[] assignment =
        [
            .. target.Select(topic => (Name: topic.TopicName.Length > 0 ? topic.TopicName : names!.GetValueOrDefault(topic.TopicId), topic.Partitions))
                .Where(topic => topic.Name is not null)
                .SelectMany(topic => topic.Partitions.Select(partition => new TopicPartition(topic.Name!, partition))),
        ];
        return new JoinOutcome
        {
            Identity = identity,
            Protocol = "consumer",
            Assignment = assignment,
            Committed = await FindCommittedAsync([.. assignment.Except(owned)], cancellationToken).ConfigureAwait(false),
        };
    }

    /// <summary>The reader has gone over to a target: the coordinator is told at once.</summary>
    private void OnTaken()
    {
        if (_options.GroupProtocol != GroupProtocol.Consumer)
        {
            return;
        }

        _ownsOthers = true;
        StartReconciling();
        Beat();
    }

    private Task<ConsumerGroupHeartbeatResponse> SendAsync(ConsumerGroupHeartbeatRequest request, TimeSpan timeout, CancellationToken cancellationToken)
        => _coordinator.CallOnceAsync(
            (grain, token) => grain.ConsumerGroupHeartbeatAsync(request, token),
            static answer => answer.Error,
            timeout,
            cancellationToken);

    private async Task LeaveByConsumerProtocolAsync(GroupIdentity identity, CancellationToken cancellationToken)
    {
        const int Leaves = -1;
        const int LeavesForAWhile = -2;
        var epoch = _options.GroupInstanceId is null ? Leaves : LeavesForAWhile;
        var request = new ConsumerGroupHeartbeatRequest(
            _groupId, identity.MemberId, epoch, _options.GroupInstanceId, null, -1, null, null, null, null, _options.ClientId, "/" + Environment.MachineName);
        await SendAsync(request, Farewell, cancellationToken).ConfigureAwait(false);
    }

    private async Task<TopicIdPartitions[]> ToTopicIdsAsync(TopicPartition[] partitions, CancellationToken cancellationToken)
    {
        var topics = new List<TopicIdPartitions>();
        foreach (var topic in partitions.GroupBy(partition => partition.Topic, partition => partition.Partition, StringComparer.Ordinal))
        {
            var entry = await _context.Metadata.GetAsync(topic.Key, false, cancellationToken).ConfigureAwait(false);
            topics.Add(new TopicIdPartitions(entry.Topic.TopicId, topic.Key, [.. topic]));
        }

        return [.. topics];
    }
}
