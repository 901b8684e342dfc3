namespace OrleansStream.Client.Tests.Groups;

public sealed class AssignorTests
{
    private static readonly IPartitionAssignor[] All =
        [PartitionAssignors.Range, PartitionAssignors.RoundRobin, PartitionAssignors.Sticky, PartitionAssignors.CooperativeSticky];

    [Fact]
    public void Range_GivesNeighbours_AndTheFirstMembersOneMore()
        => Text(PartitionAssignors.Range.Assign(Counts(("t", 5), ("u", 2)), [Member("b", "t", "u"), Member("a", "t", "u")]))
            .ShouldBe("a: t-0 t-1 t-2 u-0; b: t-3 t-4 u-1");

    [Fact]
    public void Range_OrdersStaticMembersFirst_ByInstanceId()
        => Text(PartitionAssignors.Range.Assign(Counts(("t", 3)), [Member("a", "t"), Member("z", "t") with { GroupInstanceId = "1" }, Member("y", "t") with { GroupInstanceId = "2" }]))
            .ShouldBe("a: t-2; y: t-1; z: t-0");

    [Fact]
    public void RoundRobin_DealsOut_AcrossTopics()
        => Text(PartitionAssignors.RoundRobin.Assign(Counts(("t", 3), ("u", 3)), [Member("a", "t", "u"), Member("b", "t", "u")]))
            .ShouldBe("a: t-0 t-2 u-1; b: t-1 u-0 u-2");

    [Fact]
    public void RoundRobin_PassesOver_WhoDoesNotSubscribe()
        => Text(PartitionAssignors.RoundRobin.Assign(Counts(("t0", 1), ("t1", 2), ("t2", 3)), [Member("c0", "t0"), Member("c1", "t0", "t1"), Member("c2", "t0", "t1", "t2")]))
            .ShouldBe("c0: t0-0; c1: t1-0; c2: t1-1 t2-0 t2-1 t2-2");

    [Fact]
    public void CooperativeSticky_WithholdsWhatMoves_UntilItsOwnerHasGivenItBack()
    {
        var first = Member("a", "t") with { OwnedPartitions = [.. Partitions("t", 4)], GenerationId = 1 };
        var second = Member("b", "t");

        Text(PartitionAssignors.CooperativeSticky.Assign(Counts(("t", 4)), [first, second])).ShouldBe("a: t-0 t-1; b:");

        first = first with { OwnedPartitions = [.. Partitions("t", 2)], GenerationId = 2 };
        Text(PartitionAssignors.CooperativeSticky.Assign(Counts(("t", 4)), [first, second with { GenerationId = 2 }])).ShouldBe("a: t-0 t-1; b: t-2 t-3");
    }

    [Fact]
    public void Sticky_BelievesTheNewerGeneration_WhenTwoClaimOnePartition()
    {
        var old = Owning("a", 1, Partitions("t", 3));
        var current = Owning("b", 2, Partitions("t", 3).Skip(1));
        var assignment = PartitionAssignors.Sticky.Assign(Counts(("t", 3)), [old, current]);
        assignment["b"].ShouldBe([new TopicPartition("t", 1), new TopicPartition("t", 2)]);
    }

    [Fact]
    public void Sticky_FindsTheFairShare_ThroughAThirdMember()
    {
        // b may only have u, and a only t; c has t and must take from a what it gives of u to b.
        var a = Owning("a", 1, Partitions("t", 4), "t");
        var c = Owning("c", 1, Partitions("u", 2).Concat([new TopicPartition("t", 4)]), "t", "u");
        var assignment = PartitionAssignors.Sticky.Assign(Counts(("t", 5), ("u", 2)), [a, Owning("b", 1, [], "u"), c]);
        assignment.Values.Select(partitions => partitions.Count).Order().ShouldBe([2, 2, 3]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Assign_GivesEveryPartitionOnce_ToASubscriber(int part)
    {
        var random = new Random(part);
        for (var round = 0; round < 300; round++)
        {
            var (counts, members) = RandomGroup(random, uniform: round % 2 == 0);
            foreach (var assignor in All)
            {
                var assignment = assignor.Assign(counts, members);
                var all = assignment.Values.SelectMany(partitions => partitions).ToArray();
                all.ShouldBeUnique();
                var subscribed = members.SelectMany(member => member.Topics).Distinct().Where(counts.ContainsKey);
                all.Order().ShouldBe(subscribed.SelectMany(topic => Partitions(topic, counts[topic])).Order(), $"{assignor.Name}, seed {part}, round {round}");
                foreach (var member in members)
                {
                    assignment[member.MemberId].ShouldAllBe(partition => member.Topics.Contains(partition.Topic));
                }

                var shuffled = members.ToArray();
                random.Shuffle(shuffled);
                Text(assignor.Assign(counts, shuffled)).ShouldBe(Text(assignment), $"{assignor.Name} depends on the order of members");
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Sticky_IsEven_AndMovesOnlyWhatThatNeeds_WhenMembersComeAndGo(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 150; round++)
        {
            var (counts, members) = RandomGroup(random, uniform: true);
            var total = members[0].Topics.Where(counts.ContainsKey).Sum(topic => counts[topic]);
            IReadOnlyDictionary<string, IReadOnlyList<TopicPartition>> before = new Dictionary<string, IReadOnlyList<TopicPartition>>();
            for (var generation = 1; generation < 6; generation++)
            {
                members = Change(random, members, before, generation);
                var after = PartitionAssignors.Sticky.Assign(counts, members);

                (after.Values.Max(list => list.Count) - after.Values.Min(list => list.Count)).ShouldBeLessThanOrEqualTo(1);
                // Whoever had no more than the smaller fair share keeps all of it.
                foreach (var member in members.Where(member => before.ContainsKey(member.MemberId)))
                {
                    var had = before[member.MemberId];
                    after[member.MemberId].Intersect(had).Count().ShouldBeGreaterThanOrEqualTo(Math.Min(had.Count, total / members.Length), $"seed {seed}, round {round}, generation {generation}");
                }

                before = after;
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Sticky_IsAsEvenAsSubscriptionsAllow_WhenTheyDiffer(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 200; round++)
        {
            var (counts, members) = RandomGroup(random, uniform: false);
            var assignment = PartitionAssignors.Sticky.Assign(counts, members);
            foreach (var rich in members)
            {
                foreach (var poor in members.Where(poor => assignment[poor.MemberId].Count < assignment[rich.MemberId].Count - 1))
                {
                    assignment[rich.MemberId].ShouldAllBe(partition => !poor.Topics.Contains(partition.Topic), $"{rich.MemberId} could give to {poor.MemberId}; seed {seed}, round {round}");
                }
            }

            // Nothing changes: nothing moves.
            var again = members.Select(member => Owning(member.MemberId, 1, assignment[member.MemberId], [.. member.Topics])).ToArray();
            Text(PartitionAssignors.Sticky.Assign(counts, again)).ShouldBe(Text(assignment));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void CooperativeSticky_ComesToRest_AndNeverHasTwoOwners(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 150; round++)
        {
            var (counts, members) = RandomGroup(random, uniform: round % 2 == 0);
            var owned = members.ToDictionary(member => member.MemberId, _ => (IReadOnlyList<TopicPartition>)[]);
            if (members.Length > 1)
            {
                // All but one have divided everything already; then the last one comes.
                foreach (var (member, partitions) in PartitionAssignors.CooperativeSticky.Assign(counts, members[1..]))
                {
                    owned[member] = partitions;
                }
            }

            for (var rebalance = 1; ; rebalance++)
            {
                rebalance.ShouldBeLessThan(4, $"seed {seed}, round {round}: two rebalances are enough");
                members = [.. members.Select(member => member with { OwnedPartitions = owned[member.MemberId], GenerationId = owned[member.MemberId].Count == 0 ? -1 : rebalance })];
                var assignment = PartitionAssignors.CooperativeSticky.Assign(counts, members);
                foreach (var (member, partitions) in assignment)
                {
                    partitions.Where(partition => owned.Any(other => other.Key != member && other.Value.Contains(partition))).ShouldBeEmpty();
                }

                var gaveBack = owned.Any(entry => entry.Value.Except(assignment[entry.Key]).Any());
                owned = assignment.ToDictionary();
                if (!gaveBack)
                {
                    break;
                }
            }
        }
    }

    private static MemberSubscription[] Change(
        Random random,
        MemberSubscription[] members,
        IReadOnlyDictionary<string, IReadOnlyList<TopicPartition>> before,
        int generation)
    {
        var topics = members[0].Topics.ToArray();
        var ids = members.Select(member => member.MemberId).ToList();
        if (generation > 1 && random.Next(2) == 0 && ids.Count > 1)
        {
            ids.RemoveAt(random.Next(ids.Count));
        }
        else
        {
            ids.Add($"new-{generation}");
        }

        return [.. ids.Select(id => Owning(id, generation, before.GetValueOrDefault(id, []), topics))];
    }

    private static (Dictionary<string, int> Counts, MemberSubscription[] Members) RandomGroup(Random random, bool uniform)
    {
        var counts = Enumerable.Range(0, random.Next(1, 5)).ToDictionary(topic => $"t{topic}", _ => random.Next(1, 12));
        string[] all = [.. counts.Keys, "missing"];
        var members = Enumerable.Range(0, random.Next(1, 9)).Select(index =>
        {
            var topics = uniform ? all : [.. all.Where(_ => random.Next(2) == 0)];
            return Member($"m{index}", topics) with { GroupInstanceId = random.Next(4) == 0 ? $"i{index}" : null };
        });
        return (counts, [.. members]);
    }

    private static MemberSubscription Member(string id, params string[] topics) => new() { MemberId = id, Topics = topics };

    private static MemberSubscription Owning(string id, int generation, IEnumerable<TopicPartition> partitions, params string[] topics)
    {
        TopicPartition[] owned = [.. partitions];
        return Member(id, topics.Length == 0 ? ["t"] : topics) with { UserData = PartitionAssignors.Sticky.GetUserData(owned, generation) };
    }

    private static Dictionary<string, int> Counts(params (string Topic, int Count)[] topics) => topics.ToDictionary(topic => topic.Topic, topic => topic.Count);

    private static IEnumerable<TopicPartition> Partitions(string topic, int count) => Enumerable.Range(0, count).Select(partition => new TopicPartition(topic, partition));

    private static string Text(IReadOnlyDictionary<string, IReadOnlyList<TopicPartition>> assignment)
        => string.Join("; ", assignment.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => $"{entry.Key}: {string.Join(' ', entry.Value.Order())}".TrimEnd()));
}
