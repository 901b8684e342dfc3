using OrleansStream.Core.Groups;
using OrleansStream.Core.Groups.Records;
using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Core.Tests.Groups.Simulation;

/// <summary>
/// One group, its coordinator, the coordinator's log and the members, on a clock of its own. Everything that happens comes out of one seed:
/// how long messages take, which appends fail, when the coordinator moves and the wall clock jumps.
/// </summary>
internal sealed class GroupWorld : IGroupTopics
{
    public const string GroupId = "group";
    public const string Topic = "topic";
    public const int SessionTimeoutMs = 6000;
    public const int RebalanceTimeoutMs = 10_000;

    /// <summary>The most that an append and the way back take: for so long a member believes in its session after it has ended.</summary>
    public const int MaxAnswerDelayMs = 200;

    public static readonly Guid TopicId = new("00000000-0000-0000-0000-00000000000a");

    private readonly PriorityQueue<Action, (long Time, long Order)> _events = new();
    private readonly Dictionary<long, (SimulatedMember Member, int Incarnation, Action<IKafkaMessage?> OnAnswer)> _waiting = [];
    private readonly List<(byte[] Key, byte[]? Value)> _log = [];
    private readonly Queue<GroupEffects> _steps = new();
    private readonly Dictionary<int, long> _storedOffsets = [];
    private GroupCoordinator? _coordinator;
    private List<GroupAnswer>? _appending;
    private int _coordinatorNumber;
    private long _order;
    private long _tickets;
    private long _wallOffset = 1_700_000_000_000;

    public GroupWorld(int seed, int partitions)
    {
        Random = new Random(seed);
        PartitionCount = partitions;
        Load();
    }

    public Random Random { get; }

    public int PartitionCount { get; private set; }

    public long NowMs { get; private set; }

    public List<SimulatedMember> Members { get; } = [];

    /// <summary>The most that a member was told is stored, by partition.</summary>
    public Dictionary<int, long> AcknowledgedOffsets { get; } = [];

    /// <summary>Whether messages get lost and appends fail.</summary>
    public bool IsCalm { get; set; }

    IEnumerable<string> IGroupTopics.Names => [Topic];

    private CoordinatorTime Time => new(NowMs + _wallOffset, NowMs);

    GroupTopic? IGroupTopics.Find(string name) => name == Topic ? new GroupTopic(TopicId, PartitionCount) : null;

    public bool Chance(double probability) => Random.NextDouble() < probability;

    public void After(long delayMs, Action action) => _events.Enqueue(action, (NowMs + delayMs, _order++));

    public void RunUntil(long timeMs)
    {
        while (_events.TryPeek(out var action, out var at) && at.Time <= timeMs)
        {
            _events.Dequeue();
            NowMs = at.Time;
            action();
            CheckOwners();
        }

        NowMs = timeMs;
    }

    /// <summary>Sends a request; it is answered with null when there is no coordinator or the answer is lost.</summary>
    public void Call(SimulatedMember member, Func<GroupCoordinator, long, CoordinatorTime, GroupEffects> command, Action<IKafkaMessage?> onAnswer)
    {
        var incarnation = member.Incarnation;
        var arrival = member.LastArrivalMs = Math.Max(member.LastArrivalMs, NowMs + Random.Next(1, 60));
        _events.Enqueue(
            () =>
            {
                if (_coordinator is null)
                {
                    Deliver(member, incarnation, onAnswer, null);
                    return;
                }

                var ticket = ++_tickets;
                _waiting.Add(ticket, (member, incarnation, onAnswer));
                CarryOut(command(_coordinator, ticket, Time));
            },
            (arrival, _order++));
    }

    /// <summary>The coordinator is gone with whatever it has not stored; another takes over after a while.</summary>
    public void MoveCoordinator()
    {
        if (_coordinator is null)
        {
            return;
        }

        if (_appending is not null && Chance(0.5))
        {
            // The disk has it, but nobody was told.
            Store();
        }

        var gone = _coordinator;
        _coordinator = null;
        _steps.Clear();
        _appending = null;
        foreach (var (ticket, response, _) in gone.Unload().Answers)
        {
            Settle(ticket, response);
        }

        foreach (var ticket in _waiting.Keys.ToList())
        {
            Settle(ticket, null);
        }

        After(Random.Next(1, 2000), Load);
    }

    public void JumpWallClock() => _wallOffset += Random.Next(-3_600_000, 3_600_000);

    public void AddPartition()
    {
        PartitionCount++;
        _coordinator?.SetTopics(new Snapshot(PartitionCount));
    }

    /// <summary>What the coordinator says of the group, and the stored offsets.</summary>
    public (string State, long[] Offsets) Inspect()
    {
        var list = (ListGroupsResponse)_coordinator!.List(0, [], []).Answers[0].Response;
        var fetch = (OffsetFetchResponse)_coordinator.FetchOffsets(0, new OffsetFetchRequest.OffsetFetchRequestGroup
        {
            GroupId = GroupId,
            Topics = [new() { Name = Topic, PartitionIndexes = [.. Enumerable.Range(0, PartitionCount)] }],
        }).Answers[0].Response;
        return (list.Groups.SingleOrDefault()?.GroupState ?? "none", [.. fetch.Groups[0].Topics[0].Partitions.Select(partition => partition.CommittedOffset)]);
    }

    private void Load()
    {
        var coordinator = new GroupCoordinator(new GroupSettings { InitialRebalanceDelayMs = 500, ConsumerSessionTimeoutMs = SessionTimeoutMs });
        foreach (var (key, value) in _log)
        {
            coordinator.Replay(CoordinatorRecordCodec.Read(key, value is null ? default(ReadOnlyMemory<byte>?) : value)!);
        }

        coordinator.SetTopics(new Snapshot(PartitionCount));
        _coordinator = coordinator;
        _coordinatorNumber++;
        CarryOut(coordinator.OnLoaded(Time));
    }

    private void CarryOut(GroupEffects effects)
    {
        if (effects.Records.Count > 0 || (_steps.Count > 0 && effects.Answers.Count > 0))
        {
            _steps.Enqueue(effects);
            Append();
        }
        else
        {
            foreach (var (ticket, response, showsState) in effects.Answers)
            {
                if (showsState && _appending is not null)
                {
                    _appending.Add(new GroupAnswer(ticket, response, showsState));
                }
                else
                {
                    Settle(ticket, response);
                }
            }
        }

        if (_coordinator!.NextDeadlineMs is { } due)
        {
            var number = _coordinatorNumber;
            After(Math.Max(0, due - NowMs), () =>
            {
                if (number == _coordinatorNumber && _coordinator is { NextDeadlineMs: { } next } && next <= NowMs)
                {
                    CarryOut(_coordinator.Tick(Time));
                }
            });
        }
    }

    private void Append()
    {
        if (_appending is not null || _steps.Count == 0)
        {
            return;
        }

        _appending = [];
        var number = _coordinatorNumber;
        After(Random.Next(1, 30), () =>
        {
            if (number != _coordinatorNumber || _coordinator is null)
            {
                return;
            }

            if (!IsCalm && Chance(0.002))
            {
                // The log did not take it: the coordinator has run ahead of its log and starts over.
                _appending = null;
                MoveCoordinator();
                return;
            }

            Store();
            var answers = _appending;
            _appending = null;
            foreach (var (ticket, response, _) in answers)
            {
                Settle(ticket, response);
            }

            Append();
        });
    }

    private void Store()
    {
        while (_steps.TryDequeue(out var step))
        {
            foreach (var record in step.Records)
            {
                CheckOffset(record);
                using var key = new KafkaWriter();
                CoordinatorRecordCodec.WriteKey(key, record);
                using var value = new KafkaWriter();
                if (record.Value is not null)
                {
                    CoordinatorRecordCodec.WriteValue(value, record);
                }

                _log.Add((key.ToArray(), record.Value is null ? null : value.ToArray()));
            }

            _appending!.AddRange(step.Answers);
        }
    }

    private void CheckOffset(CoordinatorRecord record)
    {
        if (record is { Key: OffsetCommitKey key, Value: OffsetCommitValue value })
        {
            value.Offset.ShouldBeGreaterThanOrEqualTo(
                _storedOffsets.GetValueOrDefault(key.Partition), $"the offset of partition {key.Partition} went back at {NowMs} ms");
            _storedOffsets[key.Partition] = value.Offset;
        }
    }

    private void Settle(long ticket, IKafkaMessage? response)
    {
        if (_waiting.Remove(ticket, out var waiting))
        {
            var isLost = !IsCalm && Chance(0.01);
            Deliver(waiting.Member, waiting.Incarnation, waiting.OnAnswer, isLost ? null : response);
        }
    }

    private void Deliver(SimulatedMember member, int incarnation, Action<IKafkaMessage?> onAnswer, IKafkaMessage? response)
    {
        var arrival = member.LastAnswerMs = Math.Max(member.LastAnswerMs, NowMs + Random.Next(1, 60));
        _events.Enqueue(
            () =>
            {
                if (member.IsAlive && member.Incarnation == incarnation)
                {
                    onAnswer(response);
                }
            },
            (arrival, _order++));
    }

    /// <summary>No partition has two owners, apart from those that cannot know yet that they were given up.</summary>
    private void CheckOwners()
    {
        var owners = new Dictionary<int, SimulatedMember>();
        foreach (var member in Members.Where(member => member.IsCurrent))
        {
            foreach (var partition in member.Owned)
            {
                if (!owners.TryAdd(partition, member))
                {
                    throw new InvalidOperationException(
                        $"At {NowMs} ms partition {partition} is owned by {owners[partition]} and by {member}.");
                }
            }
        }
    }

    private sealed class Snapshot(int partitions) : IGroupTopics
    {
        public IEnumerable<string> Names => [Topic];

        public GroupTopic? Find(string name) => name == Topic ? new GroupTopic(TopicId, partitions) : null;
    }
}
