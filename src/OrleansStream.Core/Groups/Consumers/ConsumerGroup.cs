using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Core.Groups.Consumers;

/// <summary>A group of the consumer protocol (KIP-848). All of it is durable and changes by replay only, except what is marked as volatile.</summary>
internal sealed class ConsumerGroup(string groupId) : Group(groupId)
{
    private const int NoEpoch = -1;

    private readonly SortedDictionary<string, ConsumerMember> _members = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _staticMembers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, PartitionSet> _targets = new(StringComparer.Ordinal);
    private readonly Dictionary<(Guid Topic, int Partition), string> _owners = [];
    private readonly Dictionary<Guid, string> _topicNames = [];

    /// <summary>The epoch of membership and subscriptions.</summary>
    public int GroupEpoch { get; set; }

    /// <summary>The group epoch that the target assignment was made for.</summary>
    public int AssignmentEpoch { get; set; } = NoEpoch;

    public IReadOnlyCollection<ConsumerMember> Members => _members.Values;

    /// <summary>The topics that members subscribe to and that there are.</summary>
    public IReadOnlyDictionary<string, GroupTopic> Subscription { get; private set; } = new Dictionary<string, GroupTopic>();

    /// <summary>Volatile: the topics of the cluster that <see cref="Subscription"/> was made from.</summary>
    public IGroupTopics? RefreshedFrom { get; set; }

    public override bool IsEmpty => _members.Count == 0;

    public override string StateName
        => IsEmpty ? "Empty"
            : GroupEpoch > AssignmentEpoch ? "Assigning"
            : _members.Values.All(member => member.IsReconciledTo(AssignmentEpoch)) ? "Stable"
            : "Reconciling";

    public override string TypeName => "consumer";

    public override string ProtocolTypeName => Classic.ClassicGroup.ConsumerProtocolType;

    public ConsumerMember? Find(string memberId) => _members.GetValueOrDefault(memberId);

    public ConsumerMember? FindStatic(string instanceId)
        => _staticMembers.TryGetValue(instanceId, out var memberId) ? _members.GetValueOrDefault(memberId) : null;

    public PartitionSet TargetOf(string memberId) => _targets.GetValueOrDefault(memberId, PartitionSet.Empty);

    public bool HasTarget(string memberId) => _targets.ContainsKey(memberId);

    public void SetTarget(string memberId, PartitionSet? target)
    {
        if (target is null)
        {
            _targets.Remove(memberId);
        }
        else
        {
            _targets[memberId] = target;
        }
    }

    public void SetSubscription(ConsumerGroupPartitionMetadataValue? value)
    {
        var topics = new Dictionary<string, GroupTopic>(StringComparer.Ordinal);
        foreach (var topic in value?.Topics ?? [])
        {
            topics[topic.TopicName] = new GroupTopic(topic.TopicId, topic.NumPartitions);
            _topicNames[topic.TopicId] = topic.TopicName;
        }

        Subscription = topics;
    }

    /// <summary>The name of a topic that the group consumes or did; null for another.</summary>
    public string? NameOf(Guid topicId) => _topicNames.GetValueOrDefault(topicId);

    public bool IsFree(Guid topic, int partition) => !_owners.ContainsKey((topic, partition));

    public void Set(ConsumerMember member)
    {
        Release(member.MemberId);
        _members[member.MemberId] = member;
        foreach (var partition in member.Assigned.All.Concat(member.PendingRevocation.All))
        {
            _owners[partition] = member.MemberId;
        }

        if (member.InstanceId is { } instanceId)
        {
            _staticMembers[instanceId] = member.MemberId;
        }
    }

    public void Remove(string memberId)
    {
        Release(memberId);
        if (_members.Remove(memberId, out var member)
            && member.InstanceId is { } instanceId
            && _staticMembers.GetValueOrDefault(instanceId) == memberId)
        {
            _staticMembers.Remove(instanceId);
        }
    }

    /// <summary>The assignor that most members ask for; null if none asks.</summary>
    public string? PreferredAssignor()
        => _members.Values
            .Where(member => member.ServerAssignor is not null)
            .GroupBy(member => member.ServerAssignor!, StringComparer.Ordinal)
            .OrderByDescending(votes => votes.Count())
            .ThenBy(votes => votes.Key, StringComparer.Ordinal)
            .FirstOrDefault()?.Key;

    /// <summary>Whether a classic member with these protocols can live with the classic members that there are.</summary>
    public bool SupportsClassic(string protocolType, IEnumerable<string> protocols)
    {
        if (protocolType != Classic.ClassicGroup.ConsumerProtocolType)
        {
            return false;
        }

        var classic = _members.Values.Select(member => member.Classic).OfType<ClassicTraits>().ToList();
        return protocols.Any(name => classic.TrueForAll(traits => traits.Protocols.Any(protocol => protocol.Name == name)));
    }

    /// <summary>Whether everybody else is a classic member, so that the group can be a classic one without this member.</summary>
    public bool IsLastOfConsumerProtocol(string memberId)
        => Find(memberId) is { Classic: null } && _members.Values.All(member => member.MemberId == memberId || member.Classic is not null);

    /// <summary>Whether partitions that the member is to get are still owned by others.</summary>
    public bool IsWaitingForPartitions(ConsumerMember member)
        => TargetOf(member.MemberId).Except(member.Assigned).All.Any(partition => !IsFree(partition.Topic, partition.Partition));

    public override bool IsSubscribedTo(string topic) => Subscription.ContainsKey(topic) || _members.Values.Any(member => member.TopicNames.Contains(topic));

    public override ErrorCode ValidateCommit(string memberId, string? instanceId, int generationOrEpoch)
        => generationOrEpoch < 0 && IsEmpty ? ErrorCode.None : ValidateEpoch(memberId, generationOrEpoch);

    public override ErrorCode ValidateFetch(string? memberId, int memberEpoch)
        => memberId is null && memberEpoch < 0 ? ErrorCode.None : ValidateEpoch(memberId ?? string.Empty, memberEpoch);

    public override ErrorCode ValidateOffsetDelete() => ErrorCode.None;

    public override long? RetentionStart(long commitTimestampMs) => commitTimestampMs;

    private ErrorCode ValidateEpoch(string memberId, int epoch)
        => Find(memberId) is not { } member ? ErrorCode.UnknownMemberId
            : member.Epoch == epoch ? ErrorCode.None
            : member.Classic is null ? ErrorCode.StaleMemberEpoch
            : ErrorCode.IllegalGeneration;

    private void Release(string memberId)
    {
        if (!_members.TryGetValue(memberId, out var member))
        {
            return;
        }

        foreach (var partition in member.Assigned.All.Concat(member.PendingRevocation.All))
        {
            if (_owners.GetValueOrDefault(partition) == memberId)
            {
                _owners.Remove(partition);
            }
        }
    }
}
