using System.Globalization;

namespace OrleansStream.Core.Tests.Groups.Simulation;

/// <summary>
/// Groups under everything that can happen to them. The number of seeds is OSTREAM_SIMULATION_SEEDS, and OSTREAM_SIMULATION_SEED runs a
/// single one.
/// </summary>
public sealed class GroupSimulationTests
{
    private const int DefaultSeeds = 150;
    private const long ChaosMs = 120_000;
    private const long CalmMs = 90_000;

    /// <summary>Which protocols the members of a scenario follow.</summary>
    public enum Protocols
    {
        Classic,
        Consumer,
        Both,
    }

    [Theory]
    [InlineData(Protocols.Classic)]
    [InlineData(Protocols.Consumer)]
    [InlineData(Protocols.Both)]
    public void Group_HasOneOwnerOfEachPartition_KeepsOffsets_AndBecomesStable(Protocols protocols)
    {
        foreach (var seed in Seeds())
        {
            try
            {
                Run(seed, protocols);
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException(
                    $"Seed {seed} of {protocols} failed; OSTREAM_SIMULATION_SEED={seed} runs it alone. {exception.Message}", exception);
            }
        }
    }

    private static IEnumerable<int> Seeds()
    {
        if (Environment.GetEnvironmentVariable("OSTREAM_SIMULATION_SEED") is { } one)
        {
            return [int.Parse(one, CultureInfo.InvariantCulture)];
        }

        var count = Environment.GetEnvironmentVariable("OSTREAM_SIMULATION_SEEDS");
        return Enumerable.Range(0, count is null ? DefaultSeeds : int.Parse(count, CultureInfo.InvariantCulture));
    }

    private static void Run(int seed, Protocols protocols)
    {
        var world = new GroupWorld(seed, partitions: 1 + (seed % 7));
        var count = 1 + world.Random.Next(6);
        for (var i = 0; i < count; i++)
        {
            var instanceId = world.Chance(0.3) ? $"static-{i}" : null;
            var isClassic = protocols == Protocols.Classic || (protocols == Protocols.Both && world.Chance(0.5));
            SimulatedMember member = isClassic
                ? new SimulatedClassicMember(world, i, instanceId) { NeverSyncs = world.Chance(0.1) }
                : new SimulatedConsumerMember(world, i, instanceId);
            world.Members.Add(member);
            world.After(world.Random.Next(0, 5000), member.Start);
        }

        Disturb(world);
        world.RunUntil(ChaosMs);
        world.IsCalm = true;
        foreach (var member in world.Members)
        {
            // Whoever is down stays down or comes back; nobody hangs any more.
            member.Hang(0);
            if (!member.IsAlive && world.Chance(0.5))
            {
                member.Start();
            }
        }

        world.RunUntil(ChaosMs + CalmMs);
        CheckEnd(world);
    }

    private static void Disturb(GroupWorld world)
    {
        if (world.NowMs >= ChaosMs - 1)
        {
            return;
        }

        world.After(world.Random.Next(200, 8000), () =>
        {
            if (world.NowMs >= ChaosMs)
            {
                return;
            }

            var member = world.Members[world.Random.Next(world.Members.Count)];
            switch (world.Random.Next(10))
            {
                case 0 or 1 when member.IsAlive:
                    member.Crash();
                    break;
                case 2 when member.IsAlive:
                    member.Leave();
                    break;
                case 3 when member.IsAlive:
                    member.Hang(world.Random.Next(1000, 20_000));
                    break;
                case 4 or 5 when !member.IsAlive:
                    member.Start();
                    break;
                case 6:
                    world.MoveCoordinator();
                    break;
                case 7:
                    world.JumpWallClock();
                    break;
                case 8 when world.Chance(0.2):
                    world.AddPartition();
                    break;
                default:
                    break;
            }

            Disturb(world);
        });
    }

    private static void CheckEnd(GroupWorld world)
    {
        var (state, offsets) = world.Inspect();
        var alive = world.Members.Where(member => member.IsAlive).ToList();
        if (alive.Count == 0)
        {
            state.ShouldBeOneOf("Empty", "none");
        }
        else
        {
            state.ShouldBe("Stable", $"members: {string.Join("; ", alive)}");
            alive.SelectMany(member => member.Owned).Order().ShouldBe(
                Enumerable.Range(0, world.PartitionCount), $"members: {string.Join("; ", alive)}");
            var loads = alive.Select(member => member.Owned.Count).ToList();
            (loads.Max() - loads.Min()).ShouldBeLessThanOrEqualTo(1, $"members: {string.Join("; ", alive)}");
        }

        foreach (var (partition, offset) in world.AcknowledgedOffsets)
        {
            offsets[partition].ShouldBeGreaterThanOrEqualTo(offset, $"the offset of partition {partition} was lost");
        }
    }
}
