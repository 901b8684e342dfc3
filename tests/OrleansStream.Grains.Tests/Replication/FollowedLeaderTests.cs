using OrleansStream.Core.Replicas;
using OrleansStream.Grains.Replication;
using OrleansStream.Grains.Tests.Doubles;

namespace OrleansStream.Grains.Tests.Replication;

/// <summary>What a leader knows of who followed it when.</summary>
public sealed class FollowedLeaderTests
{
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(1);

    private readonly ReplicaHarness _harness = new();

    [Fact]
    public void IsFollowed_IsTrue_WhenNobodyElseIsInSync()
    {
        Lead(epoch: 6, isr: [1]);

        _harness.Replica.IsFollowed(Within).ShouldBeTrue();
    }

    [Fact]
    public async Task IsFollowed_NeedsEveryMemberOfTheIsr()
    {
        Lead(epoch: 6, isr: [1, 2, 3]);
        _harness.Replica.IsFollowed(Within).ShouldBeFalse();

        await FetchAsync(2, epoch: 6, _harness.Time.GetTimestamp());
        _harness.Replica.IsFollowed(Within).ShouldBeFalse();
        await FetchAsync(3, epoch: 6, _harness.Time.GetTimestamp());

        _harness.Replica.IsFollowed(Within).ShouldBeTrue();
    }

    [Fact]
    public async Task IsFollowed_Ends_WithTime_AndWithTheEpoch()
    {
        Lead(epoch: 6, isr: [1, 2]);
        var heardAt = _harness.Time.GetTimestamp();
        await FetchAsync(2, epoch: 6, heardAt);
        _harness.Time.Advance(Within + TimeSpan.FromMilliseconds(1));
        _harness.Replica.IsFollowed(Within).ShouldBeFalse();

        // A fetch that was on its way for long says nothing of now.
        await FetchAsync(2, epoch: 6, heardAt);
        _harness.Replica.IsFollowed(Within).ShouldBeFalse();
        await FetchAsync(2, epoch: 6, heardAt: null);
        _harness.Replica.IsFollowed(Within).ShouldBeFalse();

        await FetchAsync(2, epoch: 6, _harness.Time.GetTimestamp());
        _harness.Replica.IsFollowed(Within).ShouldBeTrue();
        Lead(epoch: 7, isr: [1, 2]);
        _harness.Replica.IsFollowed(Within).ShouldBeFalse();
    }

    private void Lead(int epoch, int[] isr)
        => _harness.Replica.Replica.BecomeLeader(new PartitionLeadership(1, 1, epoch, epoch, [1, 2, 3], isr), _harness.Time.NowMs).Error.ShouldBe(ErrorCode.None);

    private async Task FetchAsync(int follower, int epoch, long? heardAt)
    {
        var (answer, _) = await _harness.TurnAsync(() => _harness.Replica.FetchAsReplicaAsync(
            new ReplicaFetch(follower, 0, epoch, 0, -1, 0),
            new FollowerRoom(1 << 20, MinOneMessage: true, null, static length => new byte[length], heardAt)));
        answer.Error.ShouldBe(ErrorCode.None);
    }
}
