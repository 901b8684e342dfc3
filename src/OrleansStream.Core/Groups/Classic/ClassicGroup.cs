using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Core.Groups.Classic;

/// <summary>
/// A group of the classic protocol. What the last stored record says is durable; the generation that is being formed, the members
/// that have joined it and the requests that wait are not, and are lost when the coordinator moves, after which members join anew.
/// </summary>
internal sealed partial class ClassicGroup(string groupId) : Group(groupId)
{
    public const string ConsumerProtocolType = ConsumerEmbeddedProtocol.ProtocolType;

    // In order of the member ids, so that elections depend on nothing else.
    private readonly SortedDictionary<string, ClassicMember> _members = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _staticMembers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _supporters = new(StringComparer.Ordinal);
    private HashSet<string>? _subscribedTopics;

    public ClassicGroupState State { get; private set; }

    public ClassicGroupState PreviousState { get; private set; } = ClassicGroupState.Dead;

    /// <summary>When the group came into its state, in Unix milliseconds; null if unknown.</summary>
    public long? StateTimestampMs { get; private set; }

    public int Generation { get; private set; }

    /// <summary>Null for a group that only keeps offsets.</summary>
    public string? ProtocolType { get; private set; }

    public string? ProtocolName { get; private set; }

    public string? Leader { get; private set; }

    public IReadOnlyCollection<ClassicMember> Members => _members.Values;

    /// <summary>Members that were told their id and have not joined with it yet.</summary>
    public SortedSet<string> PendingJoins { get; } = new(StringComparer.Ordinal);

    /// <summary>Members of the current generation that have not synced yet.</summary>
    public SortedSet<string> PendingSyncs { get; } = new(StringComparer.Ordinal);

    public int AwaitingJoinCount { get; private set; }

    /// <summary>While the first rebalance of an empty group waits for more members: for how long, and how much longer it may.</summary>
    public (int DelayMs, int RemainingMs)? InitialDelay { get; set; }

    /// <summary>Whether members came while the first rebalance waited.</summary>
    public bool NewMemberAdded { get; set; }

    public override bool IsEmpty => State == ClassicGroupState.Empty;

    public override string StateName => State.ToString();

    public override string TypeName => "classic";

    public override string ProtocolTypeName => ProtocolType ?? string.Empty;

    public bool HasAllJoined => _members.Count == AwaitingJoinCount && PendingJoins.Count == 0;

    public bool CanRebalance => State is ClassicGroupState.Empty or ClassicGroupState.CompletingRebalance or ClassicGroupState.Stable;

    /// <summary>The longest time that a member asked for.</summary>
    public int RebalanceTimeoutMs => _members.Count == 0 ? 0 : _members.Values.Max(member => member.RebalanceTimeoutMs);

    private bool IsConsumer => ProtocolType == ConsumerProtocolType;

    public ClassicMember? Find(string memberId) => _members.GetValueOrDefault(memberId);

    public ClassicMember? FindStatic(string instanceId)
        => _staticMembers.TryGetValue(instanceId, out var memberId) ? _members[memberId] : null;

    public void TransitionTo(ClassicGroupState target, long wallMs)
    {
        var isLegal = target switch
        {
            ClassicGroupState.Empty => State is ClassicGroupState.PreparingRebalance,
            ClassicGroupState.PreparingRebalance => CanRebalance,
            ClassicGroupState.CompletingRebalance => State is ClassicGroupState.PreparingRebalance,
            ClassicGroupState.Stable => State is ClassicGroupState.CompletingRebalance,
            _ => true,
        };
        if (!isLegal)
        {
            throw new InvalidOperationException($"Group {GroupId} cannot go from {State} to {target}.");
        }

        (PreviousState, State, StateTimestampMs) = (State, target, wallMs);
    }

    public void Add(ClassicMember member, long? joinTicket)
    {
        if (member.InstanceId is { } instanceId && !_staticMembers.TryAdd(instanceId, member.MemberId))
        {
            throw new InvalidOperationException($"Group {GroupId} has a static member {instanceId} already.");
        }

        _members.Add(member.MemberId, member);
        PendingJoins.Remove(member.MemberId);
        Count(member.Protocols, 1);
        Leader ??= member.MemberId;
        SetJoinTicket(member, joinTicket);
    }

    public void Remove(string memberId)
    {
        if (_members.Remove(memberId, out var member))
        {
            Count(member.Protocols, -1);
            SetJoinTicket(member, null);
            if (member.InstanceId is { } instanceId)
            {
                _staticMembers.Remove(instanceId);
            }
        }

        if (Leader == memberId)
        {
            Leader = _members.Count == 0 ? null : _members.Keys.First();
        }

        PendingJoins.Remove(memberId);
        PendingSyncs.Remove(memberId);
    }

    /// <summary>Puts a static member's next incarnation in its place.</summary>
    public ClassicMember ReplaceStatic(ClassicMember old, string newMemberId)
    {
        var wasLeader = Leader == old.MemberId;
        var member = new ClassicMember(newMemberId, old.InstanceId, old.ClientId, old.ClientHost, old.Protocols)
        {
            SessionTimeoutMs = old.SessionTimeoutMs,
            RebalanceTimeoutMs = old.RebalanceTimeoutMs,
            Assignment = old.Assignment,
        };
        Remove(old.MemberId);
        Add(member, null);
        if (wasLeader)
        {
            Leader = newMemberId;
        }

        return member;
    }

    public void Update(ClassicMember member, IReadOnlyList<MemberProtocol> protocols, int sessionTimeoutMs, int rebalanceTimeoutMs)
    {
        Count(member.Protocols, -1);
        member.Protocols = protocols;
        Count(member.Protocols, 1);
        member.SessionTimeoutMs = sessionTimeoutMs;
        member.RebalanceTimeoutMs = rebalanceTimeoutMs;
    }

    /// <summary>Sets or ends a member's wait; returns the ticket that waited until now.</summary>
    public long? SetJoinTicket(ClassicMember member, long? ticket)
    {
        var before = member.JoinTicket;
        AwaitingJoinCount += (ticket is null ? 0 : 1) - (before is null ? 0 : 1);
        member.JoinTicket = ticket;
        return before;
    }

    /// <summary>Makes sure that the leader has joined; false if nobody has.</summary>
    public bool ElectJoinedLeader()
    {
        if (Leader is null)
        {
            return false;
        }

        if (_members[Leader].JoinTicket is null)
        {
            if (_members.Values.FirstOrDefault(member => member.JoinTicket is not null) is not { } joined)
            {
                return false;
            }

            Leader = joined.MemberId;
        }

        return true;
    }

    /// <summary>Forms the next generation of those that are members now.</summary>
    public void BeginGeneration(long wallMs)
    {
        Generation++;
        ProtocolName = _members.Count == 0 ? null : SelectProtocol();
        PendingSyncs.Clear();
        TransitionTo(_members.Count == 0 ? ClassicGroupState.Empty : ClassicGroupState.CompletingRebalance, wallMs);
        _subscribedTopics = ReadSubscribedTopics();
    }

    /// <summary>Whether someone with these protocols could be a member.</summary>
    public bool Supports(string protocolType, IReadOnlyList<MemberProtocol> protocols)
        => _members.Count == 0
            ? protocolType.Length > 0 && protocols.Count > 0
            : protocolType == ProtocolType && protocols.Any(protocol => _supporters.GetValueOrDefault(protocol.Name) == _members.Count);

    public void SetProtocolType(string protocolType) => ProtocolType = protocolType;

    /// <summary>The protocol that most members prefer among those that all have; the first by name among equals.</summary>
    public string SelectProtocol()
    {
        var votes = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var member in _members.Values)
        {
            var vote = member.Protocols.First(protocol => _supporters[protocol.Name] == _members.Count).Name;
            votes[vote] = votes.GetValueOrDefault(vote) + 1;
        }

        return votes.MaxBy(pair => pair.Value).Key;
    }

    private void Count(IReadOnlyList<MemberProtocol> protocols, int change)
    {
        foreach (var (name, _) in protocols)
        {
            var count = _supporters.GetValueOrDefault(name) + change;
            if (count == 0)
            {
                _supporters.Remove(name);
            }
            else
            {
                _supporters[name] = count;
            }
        }
    }

    /// <summary>The topics of all members, if this is a consumer group whose members can be understood; else null.</summary>
    private HashSet<string>? ReadSubscribedTopics()
    {
        if (!IsConsumer || (ProtocolName is null && _members.Count > 0))
        {
            return null;
        }

        try
        {
            var topics = new HashSet<string>(StringComparer.Ordinal);
            foreach (var member in _members.Values)
            {
                // Version 0 is the beginning of every version.
                var reader = new KafkaReader(member.MetadataOf(ProtocolName));
                reader.ReadInt16();
                topics.UnionWith(ConsumerProtocolSubscription.Read(ref reader, 0).Topics);
            }

            return topics;
        }
        catch (KafkaProtocolException)
        {
            // A client's own format: then nothing is known of its topics, and no offset of the group expires.
            return null;
        }
    }
}
