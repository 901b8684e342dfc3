using OrleansStream.Core.Groups;
using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Core.Tests.Groups.Simulation;

/// <summary>A consumer: joins, heartbeats, consumes what it owns and commits; it may crash, hang and come back.</summary>
internal abstract class SimulatedMember(GroupWorld world, int number, string? instanceId)
{
    private const long HeartbeatIntervalMs = 1000;

    private readonly Dictionary<int, long> _positions = [];
    private bool _isCommitting;

    public GroupWorld World { get; } = world;

    public string? InstanceId { get; } = instanceId;

    public bool IsAlive { get; private set; }

    /// <summary>A process that is started again is another one.</summary>
    public int Incarnation { get; private set; }

    public long LastArrivalMs { get; set; }

    public long LastAnswerMs { get; set; }

    public SortedSet<int> Owned { get; } = [];

    /// <summary>Whether it may believe what it believes: it has heard from the coordinator within its session.</summary>
    public bool IsCurrent => IsAlive && World.NowMs < LastHeardMs + GroupWorld.SessionTimeoutMs;

    protected string MemberId { get; set; } = string.Empty;

    /// <summary>The generation or epoch.</summary>
    protected int Epoch { get; set; }

    /// <summary>When the last request was sent that was answered well.</summary>
    protected long LastHeardMs { get; set; }

    /// <summary>It does nothing for a while, as in a long pause of the process.</summary>
    protected long HangsUntilMs { get; private set; }

    protected JoinContext Context => new($"client-{number}", "/host", NewGuid());

    public void Start()
    {
        IsAlive = true;
        Incarnation++;
        MemberId = string.Empty;
        Epoch = 0;
        Lose();
        OnStart();
        Beat(Incarnation);
    }

    public void Crash()
    {
        IsAlive = false;
        Lose();
    }

    public void Hang(long durationMs) => HangsUntilMs = World.NowMs + durationMs;

    /// <summary>Leaves the group and ends.</summary>
    public void Leave()
    {
        SendLeave();
        Crash();
    }

    public override string ToString() => $"{GetType().Name} {number} ({MemberId}, epoch {Epoch}, owns {string.Join(",", Owned)})";

    protected abstract void OnStart();

    /// <summary>Something to do every second.</summary>
    protected abstract void OnBeat();

    protected abstract void SendLeave();

    /// <summary>Gives everything up without asking.</summary>
    protected void Lose()
    {
        Owned.Clear();
        _positions.Clear();
    }

    protected void Own(IEnumerable<int> partitions)
    {
        var wanted = partitions.ToHashSet();
        Owned.RemoveWhere(partition => !wanted.Contains(partition));
        foreach (var partition in _positions.Keys.Where(partition => !wanted.Contains(partition)).ToList())
        {
            _positions.Remove(partition);
        }

        foreach (var partition in wanted.Where(Owned.Add))
        {
            FetchPosition(partition);
        }
    }

    protected void Call(Func<GroupCoordinator, long, CoordinatorTime, GroupEffects> command, Action<IKafkaMessage?> onAnswer)
        => World.Call(this, command, onAnswer);

    private void Beat(int incarnation)
    {
        if (!IsAlive || incarnation != Incarnation)
        {
            return;
        }

        if (World.NowMs >= HangsUntilMs)
        {
            OnBeat();
            Consume();
        }

        World.After(HeartbeatIntervalMs, () => Beat(incarnation));
    }

    private void Consume()
    {
        foreach (var partition in _positions.Keys.ToList())
        {
            _positions[partition] += World.Random.Next(0, 5);
        }

        if (!_isCommitting && _positions.Count > 0 && IsCurrent && World.Chance(0.5))
        {
            Commit();
        }
    }

    private void FetchPosition(int partition)
    {
        var atLeast = World.AcknowledgedOffsets.GetValueOrDefault(partition, -1);
        var epoch = Epoch;
        Call(
            (coordinator, ticket, _) => coordinator.FetchOffsets(ticket, new OffsetFetchRequest.OffsetFetchRequestGroup
            {
                GroupId = GroupWorld.GroupId,
                Topics = [new() { Name = GroupWorld.Topic, PartitionIndexes = [partition] }],
            }),
            answer =>
            {
                if (!Owned.Contains(partition) || epoch > Epoch)
                {
                    return;
                }

                if (answer is not OffsetFetchResponse response)
                {
                    World.After(100, () => { if (IsAlive && Owned.Contains(partition)) { FetchPosition(partition); } });
                    return;
                }

                var offset = response.Groups[0].Topics[0].Partitions[0].CommittedOffset;
                offset.ShouldBeGreaterThanOrEqualTo(atLeast, $"partition {partition} lost an offset at {World.NowMs} ms");
                _positions[partition] = Math.Max(0, offset);
            });
    }

    private void Commit()
    {
        _isCommitting = true;
        var incarnation = Incarnation;
        var offsets = _positions.Where(position => Owned.Contains(position.Key)).ToDictionary();
        var request = new OffsetCommitRequest
        {
            GroupId = GroupWorld.GroupId,
            MemberId = MemberId,
            GenerationIdOrMemberEpoch = Epoch,
            GroupInstanceId = InstanceId,
            Topics = [new() { Name = GroupWorld.Topic, Partitions = [.. offsets.Select(offset => new OffsetCommitRequest.OffsetCommitRequestPartition { PartitionIndex = offset.Key, CommittedOffset = offset.Value })] }],
        };
        var error = ErrorCode.None;
        World.After(10_000, () => { if (incarnation == Incarnation) { _isCommitting = false; } });
        Call(
            (coordinator, ticket, now) => coordinator.CommitOffsets(ticket, request, now, out error),
            answer =>
            {
                _isCommitting = false;
                if (answer is null || error != ErrorCode.None)
                {
                    return;
                }

                foreach (var (partition, offset) in offsets)
                {
                    World.AcknowledgedOffsets[partition] = Math.Max(offset, World.AcknowledgedOffsets.GetValueOrDefault(partition, -1));
                }
            });
    }

    private Guid NewGuid()
    {
        var bytes = new byte[16];
        World.Random.NextBytes(bytes);
        return new Guid(bytes);
    }
}
