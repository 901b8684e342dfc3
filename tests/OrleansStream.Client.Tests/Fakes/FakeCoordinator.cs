using System.Collections.Concurrent;
using NSubstitute;
using OrleansStream.Abstractions;

namespace OrleansStream.Client.Tests;

/// <summary>
/// The classic protocol in memory for one group, as a member sees it. Nobody's session times out by itself: tests expire
/// members with <see cref="Expire"/>, and script failures with the On… hooks (a code instead of null is the answer).
/// </summary>
public sealed class FakeCoordinator : IGroupCoordinatorGrain
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Member> _members = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TaskCompletionSource<SyncGroupResponse>> _syncs = new(StringComparer.Ordinal);
    private Dictionary<string, ReadOnlyMemory<byte>>? _assignments;
    private string _leader = string.Empty;
    private string _protocol = string.Empty;
    private bool _isPreparing;
    private int _nextMember;

    public FakeCoordinator()
    {
        Elsewhere = Substitute.For<IGroupCoordinatorGrain>();
        Elsewhere.CommitOffsetsAsync(null!, default).ReturnsForAnyArgs(new OffsetCommitResponse(ErrorCode.NotCoordinator, []));
        Elsewhere.HeartbeatAsync(null!, default).ReturnsForAnyArgs(ErrorCode.NotCoordinator);
        Elsewhere.FetchOffsetsAsync(null!, default).ReturnsForAnyArgs(new OffsetFetchResponse(ErrorCode.NotCoordinator, []));
        Elsewhere.JoinGroupAsync(null!, default).ReturnsForAnyArgs(call => Refuse(call.Arg<JoinGroupRequest>(), ErrorCode.NotCoordinator));
    }

    /// <summary>The same grain on a broker that does not lead the partition.</summary>
    public IGroupCoordinatorGrain Elsewhere { get; }

    public Task OnLeadershipChangedAsync() => Task.CompletedTask;

    public Func<JoinGroupRequest, ErrorCode?> OnJoin { get; set; } = _ => null;

    public Func<SyncGroupRequest, ErrorCode?> OnSync { get; set; } = _ => null;

    public Func<GroupHeartbeatRequest, ErrorCode?> OnHeartbeat { get; set; } = _ => null;

    public Func<OffsetCommitRequest, ErrorCode?> OnCommit { get; set; } = _ => null;

    public Func<OffsetCommitRequest, Task> BeforeCommit { get; set; } = _ => Task.CompletedTask;

    public ConcurrentDictionary<TopicPartition, CommittedOffset> Offsets { get; } = new();

    public ConcurrentQueue<JoinGroupRequest> Joins { get; } = new();

    public ConcurrentQueue<OffsetCommitRequest> Commits { get; } = new();

    public ConcurrentQueue<LeavingMember> Leaves { get; } = new();

    public ConcurrentQueue<GroupHeartbeatRequest> Heartbeats { get; } = new();

    public int GenerationId { get; private set; }

    public string[] MemberIds
    {
        get
        {
            lock (_gate)
            {
                return [.. _members.Keys];
            }
        }
    }

    /// <summary>Ends a member's session; null for every one.</summary>
    public void Expire(string? memberId = null)
    {
        lock (_gate)
        {
            foreach (var id in memberId is null ? [.. _members.Keys] : new[] { memberId })
            {
                _members.Remove(id);
            }

            Prepare();
            CompleteIfAllAreThere();
        }
    }

    /// <summary>Has every member join again.</summary>
    public void Rebalance()
    {
        lock (_gate)
        {
            Prepare();
        }
    }

    public Task<JoinGroupResponse> JoinGroupAsync(JoinGroupRequest request, CancellationToken cancellationToken)
    {
        Joins.Enqueue(request);
        lock (_gate)
        {
            if (OnJoin(request) is { } error)
            {
                return Task.FromResult(Refuse(request, error));
            }

            var memberId = request.MemberId;
            if (memberId.Length == 0 && request.GroupInstanceId is { } instance)
            {
                memberId = $"{instance}-{++_nextMember}";
                foreach (var predecessor in _members.Where(known => known.Value.Request.GroupInstanceId == instance).Select(known => known.Key).ToArray())
                {
                    _members.Remove(predecessor);
                }
            }
            else if (memberId.Length == 0)
            {
                return Task.FromResult(Refuse(request with { MemberId = $"member-{++_nextMember}" }, ErrorCode.MemberIdRequired));
            }
            else if (!_members.ContainsKey(memberId) && !memberId.EndsWith($"-{_nextMember}", StringComparison.Ordinal) && !IsNew(memberId))
            {
                return Task.FromResult(Refuse(request, ErrorCode.UnknownMemberId));
            }

            Prepare();
            var member = new Member(request with { MemberId = memberId }, new TaskCompletionSource<JoinGroupResponse>(TaskCreationOptions.RunContinuationsAsynchronously));
            _members[memberId] = member;
            _known.Add(memberId);
            CompleteIfAllAreThere();
            return member.Joined!.Task;
        }
    }

    public Task<SyncGroupResponse> SyncGroupAsync(SyncGroupRequest request, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if ((OnSync(request) ?? Check(request.MemberId, request.GenerationId)) is var error && error != ErrorCode.None)
            {
                return Task.FromResult(new SyncGroupResponse(error, false, null, null, default));
            }

            if (_isPreparing)
            {
                return Task.FromResult(new SyncGroupResponse(ErrorCode.RebalanceInProgress, false, null, null, default));
            }

            if (request.MemberId == _leader)
            {
                _assignments = request.Assignments.ToDictionary(assignment => assignment.MemberId, assignment => assignment.Assignment);
                foreach (var (waiting, sync) in _syncs)
                {
                    sync.SetResult(Assigned(waiting));
                }

                _syncs.Clear();
            }

            if (_assignments is not null)
            {
                return Task.FromResult(Assigned(request.MemberId));
            }

            _syncs[request.MemberId] = new TaskCompletionSource<SyncGroupResponse>(TaskCreationOptions.RunContinuationsAsynchronously);
            return _syncs[request.MemberId].Task;
        }
    }

    public Task<ErrorCode> HeartbeatAsync(GroupHeartbeatRequest request, CancellationToken cancellationToken)
    {
        Heartbeats.Enqueue(request);
        lock (_gate)
        {
            return Task.FromResult(OnHeartbeat(request)
                ?? (Check(request.MemberId, request.GenerationId) is var error && error != ErrorCode.None ? error
                    : _isPreparing ? ErrorCode.RebalanceInProgress : ErrorCode.None));
        }
    }

    public Task<LeaveGroupResponse> LeaveGroupAsync(LeaveGroupRequest request, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            foreach (var member in request.Members)
            {
                Leaves.Enqueue(member);
                if (_members.Remove(member.MemberId))
                {
                    Prepare();
                }
            }

            CompleteIfAllAreThere();
            return Task.FromResult(new LeaveGroupResponse(ErrorCode.None, [.. request.Members.Select(_ => ErrorCode.None)]));
        }
    }

    public async Task<OffsetCommitResponse> CommitOffsetsAsync(OffsetCommitRequest request, CancellationToken cancellationToken)
    {
        Commits.Enqueue(request);
        await BeforeCommit(request);
        lock (_gate)
        {
            var error = OnCommit(request)
                ?? (request.MemberId.Length == 0 && request.GenerationIdOrMemberEpoch < 0 ? ErrorCode.None : Check(request.MemberId, request.GenerationIdOrMemberEpoch));
            if (error == ErrorCode.None)
            {
                foreach (var topic in request.Topics)
                {
                    foreach (var partition in topic.Partitions)
                    {
                        Offsets[new TopicPartition(topic.Topic, partition.Partition)] = new CommittedOffset(partition.Offset, partition.LeaderEpoch, partition.Metadata ?? string.Empty);
                    }
                }
            }

            return new OffsetCommitResponse(ErrorCode.None, [.. request.Topics.Select(topic => topic.Partitions.Select(_ => error).ToArray())]);
        }
    }

    public Task<OffsetFetchResponse> FetchOffsetsAsync(OffsetFetchRequest request, CancellationToken cancellationToken)
    {
        var topics = request.Topics
            ?? [.. Offsets.Keys.GroupBy(partition => partition.Topic).Select(topic => new TopicPartitions(topic.Key, [.. topic.Select(partition => partition.Partition).Order()]))];
        return Task.FromResult(new OffsetFetchResponse(ErrorCode.None, Array.ConvertAll(topics, topic => new OffsetFetchTopic(
            topic.Topic,
            Array.ConvertAll(topic.Partitions, partition => Offsets.TryGetValue(new TopicPartition(topic.Topic, partition), out var found)
                ? new FetchedOffset(partition, ErrorCode.None, found.Offset, found.LeaderEpoch, found.Metadata)
                : new FetchedOffset(partition, ErrorCode.None, -1, -1, string.Empty))))));
    }

    public Task<OffsetDeleteResponse> DeleteOffsetsAsync(OffsetDeleteRequest request, CancellationToken cancellationToken)
    {
        foreach (var topic in request.Topics)
        {
            foreach (var partition in topic.Partitions)
            {
                Offsets.TryRemove(new TopicPartition(topic.Topic, partition), out _);
            }
        }

        return Task.FromResult(new OffsetDeleteResponse(ErrorCode.None, [.. request.Topics.Select(topic => topic.Partitions.Select(_ => ErrorCode.None).ToArray())]));
    }

    public Task<GroupDescription[]> DescribeGroupsAsync(string[] groupIds, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return Task.FromResult(Array.ConvertAll(groupIds, group => _known.Count == 0
                ? new GroupDescription(ErrorCode.None, null, group, "Dead", string.Empty, string.Empty, -1, [])
                : new GroupDescription(
                    ErrorCode.None,
                    null,
                    group,
                    _members.Count == 0 ? "Empty" : _isPreparing ? "PreparingRebalance" : "Stable",
                    "consumer",
                    _protocol,
                    GenerationId,
                    [
                        .. _members.Values.Select(member => new GroupMemberDescription(
                            member.Request.MemberId,
                            member.Request.GroupInstanceId,
                            member.Request.ClientId,
                            member.Request.ClientHost,
                            default,
                            _assignments?.GetValueOrDefault(member.Request.MemberId) ?? default)),
                    ])));
        }
    }

    public Task<ConsumerGroupDescription[]> DescribeConsumerGroupsAsync(string[] groupIds, CancellationToken cancellationToken)
        => Task.FromResult(Array.ConvertAll(groupIds, group => new ConsumerGroupDescription(ErrorCode.GroupIdNotFound, null, group, "Dead", 0, 0, string.Empty, [])));

    public Task<ListGroupsResponse> ListGroupsAsync(ListGroupsRequest request, CancellationToken cancellationToken)
        => Task.FromResult(new ListGroupsResponse(ErrorCode.None, [new GroupListing("g", "consumer", "Stable", "classic")]));

    public Task<ErrorCode[]> DeleteGroupsAsync(string[] groupIds, CancellationToken cancellationToken)
        => Task.FromResult(Array.ConvertAll(groupIds, _ => MemberIds.Length > 0 ? ErrorCode.NonEmptyGroup : ErrorCode.None));

    public Task<ConsumerGroupHeartbeatResponse> ConsumerGroupHeartbeatAsync(ConsumerGroupHeartbeatRequest request, CancellationToken cancellationToken)
        => Task.FromResult(OnConsumerHeartbeat(request));

    public Func<ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse> OnConsumerHeartbeat { get; set; }
        = request => new ConsumerGroupHeartbeatResponse(ErrorCode.UnsupportedVersion, "not here", request.MemberId, -1, 1000, null);

    private readonly HashSet<string> _known = new(StringComparer.Ordinal);

    private static JoinGroupResponse Refuse(JoinGroupRequest request, ErrorCode error)
        => new(error, false, -1, null, null, string.Empty, false, request.MemberId, []);

    private bool IsNew(string memberId) => memberId.StartsWith("member-", StringComparison.Ordinal) && !_known.Contains(memberId);

    private ErrorCode Check(string memberId, int generation)
        => !_members.ContainsKey(memberId) ? ErrorCode.UnknownMemberId : generation != GenerationId ? ErrorCode.IllegalGeneration : ErrorCode.None;

    private SyncGroupResponse Assigned(string memberId)
        => new(ErrorCode.None, false, "consumer", _protocol, _assignments!.GetValueOrDefault(memberId));

    private void Prepare()
    {
        if (_isPreparing)
        {
            return;
        }

        _isPreparing = true;
        foreach (var sync in _syncs.Values)
        {
            sync.SetResult(new SyncGroupResponse(ErrorCode.RebalanceInProgress, false, null, null, default));
        }

        _syncs.Clear();
    }

    private void CompleteIfAllAreThere()
    {
        if (!_isPreparing || _members.Values.Any(member => member.Joined is null))
        {
            return;
        }

        _isPreparing = false;
        GenerationId++;
        _assignments = null;
        if (_members.Count == 0)
        {
            return;
        }

        _leader = _members.ContainsKey(_leader) ? _leader : _members.Keys.First();
        _protocol = _members[_leader].Request.Protocols.First(protocol => _members.Values.All(member => member.Request.Protocols.Any(other => other.Name == protocol.Name))).Name;
        foreach (var (memberId, member) in _members.ToArray())
        {
            _members[memberId] = member with { Joined = null };
            var members = memberId != _leader ? [] : _members.Values.Select(other => new JoinedMember(
                other.Request.MemberId,
                other.Request.GroupInstanceId,
                other.Request.Protocols.Single(protocol => protocol.Name == _protocol).Metadata)).ToArray();
            member.Joined!.SetResult(new JoinGroupResponse(ErrorCode.None, false, GenerationId, "consumer", _protocol, _leader, false, memberId, members));
        }
    }

    private sealed record Member(JoinGroupRequest Request, TaskCompletionSource<JoinGroupResponse>? Joined);
}
