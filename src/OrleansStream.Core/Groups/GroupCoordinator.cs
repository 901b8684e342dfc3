using OrleansStream.Core.Groups.Classic;
using OrleansStream.Core.Groups.Consumers;
using OrleansStream.Core.Groups.Records;
using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Core.Groups;

/// <summary>
/// The coordinator of the groups of one partition of <c>__consumer_offsets</c>, as a plain machine. A command comes with a ticket and the
/// time; its effects have the records to append and the answers to give, to this request or to others that waited. What is
/// stored changes only through <see cref="Replay"/>, live and in recovery alike.
/// </summary>
/// <remarks>
/// <para>The machine runs ahead of the log: it has replayed a record before the shell appends it. An answer that shows what is not durable
/// yet is marked so, and the shell holds it back. When an append fails, the shell drops the machine and loads another from the log.</para>
/// <para>Not thread-safe.</para>
/// </remarks>
public sealed partial class GroupCoordinator
{
    private readonly Dictionary<string, Group> _groups = new(StringComparer.Ordinal);
    private readonly GroupTimers _timers = new();
    private readonly GroupSettings _settings;
    private List<CoordinatorRecord> _records = [];
    private List<GroupAnswer> _answers = [];

    /// <summary>An empty coordinator.</summary>
    public GroupCoordinator(GroupSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        _settings = settings;
    }

    /// <summary>The number of groups.</summary>
    public int GroupCount => _groups.Count;

    /// <summary>When <see cref="Tick"/> is due, on the monotonic clock; null while nothing waits for time.</summary>
    public long? NextDeadlineMs => _timers.NextDeadlineMs;

    /// <summary>Takes in a stored record, in the order of the log.</summary>
    public void Replay(CoordinatorRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        switch (record.Key)
        {
            case OffsetCommitKey key:
                ReplayOffset(key, (OffsetCommitValue?)record.Value);
                break;
            case GroupMetadataKey key:
                ReplayClassicGroup(key.Group, (GroupMetadataValue?)record.Value);
                break;
            default:
                ReplayConsumerRecord(record);
                break;
        }
    }

    /// <summary>Begins to coordinate, after the whole log was replayed: sessions begin anew.</summary>
    public GroupEffects OnLoaded(CoordinatorTime now)
    {
        foreach (var group in _groups.Values.OrderBy(group => group.GroupId, StringComparer.Ordinal))
        {
            if (group is ClassicGroup classic)
            {
                foreach (var member in classic.Members)
                {
                    ScheduleSession(classic, member, member.SessionTimeoutMs, now);
                }

                if (classic.NeedsRebalance || classic.Members.Count > _settings.MaxSize)
                {
                    // In the second case the limit was lowered: whoever joins again first stays.
                    PrepareRebalance(classic, now);
                }
            }
            else if (group is ConsumerGroup consumers)
            {
                ScheduleAll(consumers, now);
            }
        }

        _timers.Schedule(ExpiryTimer, now.MonotonicMs + _settings.OffsetsRetentionCheckIntervalMs);
        return TakeEffects();
    }

    /// <summary>Stops coordinating: everybody who waits is told to look for another coordinator. The machine is not used again.</summary>
    public GroupEffects Unload()
    {
        foreach (var classic in _groups.Values.OfType<ClassicGroup>().OrderBy(group => group.GroupId, StringComparer.Ordinal))
        {
            foreach (var member in classic.Members)
            {
                AnswerJoin(classic, member, new JoinGroupResponse { MemberId = member.MemberId, ErrorCode = ErrorCode.NotCoordinator });
                AnswerSync(member, new SyncGroupResponse { ErrorCode = ErrorCode.NotCoordinator });
            }

            classic.TransitionTo(ClassicGroupState.Dead, 0);
        }

        return TakeEffects();
    }

    /// <summary>Does what is due. There may be more, which <see cref="NextDeadlineMs"/> then tells.</summary>
    public GroupEffects Tick(CoordinatorTime now)
    {
        while (_timers.TryTakeExpired(now.MonotonicMs, out var timer))
        {
            switch (timer.Kind)
            {
                case GroupTimerKind.Session or GroupTimerKind.Revocation or GroupTimerKind.MemberJoin or GroupTimerKind.MemberSync
                    when _groups.GetValueOrDefault(timer.GroupId) is ConsumerGroup group:
                    ExpireConsumerMember(group, timer, now);
                    break;
                case GroupTimerKind.Session when _groups.GetValueOrDefault(timer.GroupId) is ClassicGroup group:
                    ExpireSession(group, timer.MemberId, now);
                    break;
                case GroupTimerKind.Join when _groups.GetValueOrDefault(timer.GroupId) is ClassicGroup group:
                    ExpireJoin(group, now);
                    break;
                case GroupTimerKind.Sync when _groups.GetValueOrDefault(timer.GroupId) is ClassicGroup group:
                    ExpireSync(group, now);
                    break;
                case GroupTimerKind.OffsetExpiry when _records.Count > 0:
                    // By itself, since only its records may be parted.
                    _timers.Schedule(ExpiryTimer, now.MonotonicMs);
                    return TakeEffects();
                case GroupTimerKind.OffsetExpiry:
                    ExpireOffsets(now);
                    _timers.Schedule(ExpiryTimer, now.MonotonicMs + _settings.OffsetsRetentionCheckIntervalMs);
                    return TakeEffects() with { MayBeParted = true };
                default:
                    break;
            }
        }

        return TakeEffects();
    }

    /// <summary>The command's effects; the next command begins with none.</summary>
    private GroupEffects TakeEffects()
    {
        if (_records.Count == 0 && _answers.Count == 0)
        {
            return GroupEffects.None;
        }

        var effects = new GroupEffects(_records, _answers);
        (_records, _answers) = ([], []);
        return effects;
    }

    /// <summary>Stores something.</summary>
    private void Emit(CoordinatorRecord record)
    {
        Replay(record);
        _records.Add(record);
    }

    private void Answer(long ticket, IKafkaMessage response, bool showsState = true) => _answers.Add(new GroupAnswer(ticket, response, showsState));

    private void ReplayClassicGroup(string groupId, GroupMetadataValue? value)
    {
        if (value is null)
        {
            if (_groups.GetValueOrDefault(groupId) is ClassicGroup)
            {
                RemoveGroup(groupId);
            }

            return;
        }

        if (_groups.GetValueOrDefault(groupId) is not ClassicGroup group)
        {
            group = new ClassicGroup(groupId);
            _groups[groupId] = group;
        }

        group.Restore(value);
    }

    private void RemoveGroup(string groupId)
    {
        if (_groups.Remove(groupId, out var group) && group is ClassicGroup classic)
        {
            CancelTimers(classic);
        }
    }
}
