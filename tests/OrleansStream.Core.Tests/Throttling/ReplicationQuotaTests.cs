using OrleansStream.Core.Throttling;

namespace OrleansStream.Core.Tests.Throttling;

public sealed class ReplicationQuotaTests
{
    private const int Rate = 1_000_000;

    private readonly ReplicationQuota _quota = new(windows: 11, windowMs: 1000) { BytesPerSecond = Rate };

    [Fact]
    public void RoomAt_IsUnbounded_WhenNoRateIsSet()
    {
        _quota.BytesPerSecond = long.MaxValue;
        _quota.Record(long.MaxValue / 2, 0);

        _quota.RoomAt(0).ShouldBe(long.MaxValue);
        _quota.MsUntilRoom(0).ShouldBe(0);
    }

    [Fact]
    public void RoomAt_IsAWindowsWorth_WhenNothingWasCounted()
    {
        _quota.RoomAt(0).ShouldBe(Rate);
        _quota.Record(400_000, 0);
        _quota.RoomAt(0).ShouldBe(600_000);
    }

    [Fact]
    public void RoomAt_IsAtMostAWindowsWorth_WhenLittleWasTakenForAWhile()
    {
        _quota.Record(1000, 0);

        _quota.RoomAt(8000).ShouldBe(Rate);
    }

    [Fact]
    public void MsUntilRoom_IsTheTimeUntilAPieceFits()
    {
        _quota.Record(1_200_000, 0);
        _quota.RoomAt(0).ShouldBe(0);

        var wait = _quota.MsUntilRoom(0);

        wait.ShouldBe(1250);
        _quota.RoomAt(wait - 1).ShouldBe(0);
        _quota.RoomAt(wait).ShouldBe(50_000);
    }

    [Theory]
    [InlineData(16_384, Rate)]
    [InlineData(1_048_576, Rate)]
    [InlineData(100_000, 10_000)]
    [InlineData(5_000_000, 100_000)]
    [InlineData(1_000_000, 1000)]
    public void Rate_IsHeld_HoweverLargeAnAnswerIs(int batch, int rate)
    {
        _quota.BytesPerSecond = rate;
        var (now, total) = (0L, 0L);
        const long hour = 3_600_000;
        while (now < hour)
        {
            var room = _quota.RoomAt(now);
            if (room == 0)
            {
                var wait = _quota.MsUntilRoom(now);
                wait.ShouldBeGreaterThan(0);
                now += wait;
                continue;
            }

            // As much as there is room for, in whole batches, and one at least.
            var taken = Math.Max(1, room / batch) * batch;
            total += taken;
            _quota.Record(taken, now);
            total.ShouldBeLessThanOrEqualTo((long)((double)rate * now / 1000) + rate + batch, $"after {now} ms");
        }

        total.ShouldBeGreaterThan((long)(0.95 * rate * hour / 1000) - batch);
        _quota.TotalBytes.ShouldBe(total);
    }

    [Fact]
    public void RoomAt_CountsWhatIsInSync_ThoughThatDoesNotWait()
    {
        for (var now = 0; now <= 5000; now += 100)
        {
            _quota.Record(Rate / 5, now);
        }

        _quota.RoomAt(5000).ShouldBe(0);
        _quota.TotalBytes.ShouldBe(51 * (Rate / 5));
    }

    [Fact]
    public void RoomAt_FollowsTheRate_WhenItChanges()
    {
        _quota.BytesPerSecond = 1;
        _quota.Record(5_000_000, 0);
        _quota.MsUntilRoom(0).ShouldBeGreaterThan(4_000_000);

        _quota.BytesPerSecond = 10 * Rate;

        _quota.MsUntilRoom(0).ShouldBe(0);
        _quota.RoomAt(0).ShouldBe(5_000_000);
    }

    [Fact]
    public void RoomAt_IsNothingForEver_WhenTheRateIsZero()
    {
        _quota.BytesPerSecond = 0;

        _quota.RoomAt(0).ShouldBe(0);
        _quota.RoomAt(1_000_000).ShouldBe(0);
        _quota.MsUntilRoom(1_000_000).ShouldBeGreaterThan(0);
    }
}
