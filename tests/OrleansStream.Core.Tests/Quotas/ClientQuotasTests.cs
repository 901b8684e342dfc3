using OrleansStream.Core.Quotas;

namespace OrleansStream.Core.Tests.Quotas;

public sealed class ClientQuotasTests
{
    private const string User = "ANONYMOUS";
    private readonly ClientQuotas _quotas = new(11, 1000, maxBuckets: 100) { Table = Table("producer_byte_rate", 1000) };

    [Fact]
    public void Charge_SpreadsABurst_OverAllWindows()
    {
        // Ten windows count in full from the first byte on: 10,000 bytes are 1,000 a second.
        _quotas.Charge(QuotaKind.Produce, User, "c", 10_000, nowMs: 0).ShouldBe(0);

        // 15,000 bytes in 10 s are 1,500 a second: they are 1,000 after 15 s.
        _quotas.Charge(QuotaKind.Produce, User, "c", 5_000, nowMs: 0).ShouldBe(5_000);
    }

    [Fact]
    public void Charge_CountsTheWindowUnderWay_ForWhatHasPassedOfIt()
    {
        _quotas.Charge(QuotaKind.Produce, User, "c", 1, 0);

        // 10.25 s are looked at: 11,250 bytes want 11.25 s.
        _quotas.Charge(QuotaKind.Produce, User, "c", 11_249, 250).ShouldBe(1_000);
    }

    [Fact]
    public void Charge_ForgetsWhatLiesBeforeTheWindows()
    {
        _quotas.Charge(QuotaKind.Produce, User, "c", 30_000, 0).ShouldBe(20_000);

        // The window of the burst counts for eleven of them.
        _quotas.Charge(QuotaKind.Produce, User, "c", 0, 10_999).ShouldBeGreaterThan(0);
        _quotas.Charge(QuotaKind.Produce, User, "c", 0, 22_000).ShouldBe(0);
    }

    [Theory]
    [InlineData(500)]
    [InlineData(20_000)]
    [InlineData(1_050)]
    public void Charge_HoldsAClientToItsRate_WhateverItSendsAtATime(int amount)
    {
        var (now, sent, begin) = (0L, 0L, 0L);
        while (now < 300_000)
        {
            // A client that sends as fast as it is let.
            now += 1 + _quotas.Charge(QuotaKind.Produce, User, "c", amount, now);
            sent += amount;
            begin = begin == 0 && now > 60_000 ? now : begin;
            sent = begin == now ? 0 : sent;
        }

        (sent * 1000.0 / (now - begin)).ShouldBe(1000, tolerance: 60);
    }

    [Fact]
    public void TryCharge_GivesAClientNearlyItsRate_InPiecesOfTheRightSize()
    {
        _quotas.Table = Table("consumer_byte_rate", 1000);
        var amount = _quotas.MostAtOnce(QuotaKind.Fetch, User, "c");
        var (now, got) = (0L, 0L);
        while (now < 300_000)
        {
            var throttleMs = _quotas.TryCharge(QuotaKind.Fetch, User, "c", amount, now);
            got += throttleMs == 0 && now > 60_000 ? amount : 0;
            now += 1 + throttleMs;
        }

        (got / 240.0).ShouldBe(1000, tolerance: 60);
    }

    [Fact]
    public void TryCharge_AddsNothing_WhenItIsTooMuch()
    {
        _quotas.Table = Table("consumer_byte_rate", 1000);

        _quotas.TryCharge(QuotaKind.Fetch, User, "c", 9_000, 0).ShouldBe(0);
        _quotas.TryCharge(QuotaKind.Fetch, User, "c", 2_000, 0).ShouldBe(1_000);
        _quotas.TryCharge(QuotaKind.Fetch, User, "c", 1_000, 0).ShouldBe(0);
        _quotas.TryCharge(QuotaKind.Fetch, User, "c", 1, 0).ShouldBe(1);
    }

    [Fact]
    public void TryCharge_LetsThroughWhatIsTooMuchForAnyTime_WhenNothingElseWasUsed()
    {
        _quotas.Table = Table("consumer_byte_rate", 1000);

        _quotas.MostAtOnce(QuotaKind.Fetch, User, "c").ShouldBe(250);
        _quotas.TryCharge(QuotaKind.Fetch, User, "c", 50_000, 0).ShouldBe(0);
        _quotas.TryCharge(QuotaKind.Fetch, User, "c", 50_000, 10).ShouldBeGreaterThan(0);
        _quotas.TryCharge(QuotaKind.Fetch, User, "c", 50_000, 30_000).ShouldBe(0);
    }

    [Fact]
    public void Charge_SeparatesClients_AndSharesWhatIsOneUsers()
    {
        _quotas.Charge(QuotaKind.Produce, User, "one", 10_000, 0).ShouldBe(0);
        _quotas.Charge(QuotaKind.Produce, User, "two", 10_000, 0).ShouldBe(0);

        _quotas.Table = QuotaTable.Create([(new QuotaEntity(QuotaName.Default, null, null), new Dictionary<string, double> { ["producer_byte_rate"] = 1000 })]);
        _quotas.Charge(QuotaKind.Produce, User, "one", 10_000, 0).ShouldBe(0);
        _quotas.Charge(QuotaKind.Produce, User, "two", 10_000, 0).ShouldBe(10_000);
    }

    [Fact]
    public void Charge_GoesByTheNewQuota_ForWhatWasUsedBefore()
    {
        _quotas.Charge(QuotaKind.Produce, User, "c", 10_000, 0).ShouldBe(0);

        _quotas.Table = Table("producer_byte_rate", 500);
        _quotas.Charge(QuotaKind.Produce, User, "c", 0, 0).ShouldBe(10_000);
        _quotas.Table = QuotaTable.Empty;
        _quotas.Charge(QuotaKind.Produce, User, "c", 1_000_000, 0).ShouldBe(0);
        _quotas.MostAtOnce(QuotaKind.Produce, User, "c").ShouldBe(long.MaxValue);
    }

    [Fact]
    public void Buckets_AreForgotten_WhenTheyAreIdleOrTooMany()
    {
        for (var i = 0; i < 1000; i++)
        {
            _quotas.Charge(QuotaKind.Produce, User, $"client-{i}", 1, i);
        }

        _quotas.BucketCount.ShouldBe(100);
        _quotas.Charge(QuotaKind.Produce, User, "client-950", 1, 5_000);
        _quotas.Charge(QuotaKind.Produce, User, "last", 1, 13_500);
        _quotas.BucketCount.ShouldBe(2);
    }

    private static QuotaTable Table(string key, double value)
        => QuotaTable.Create([(new QuotaEntity(null, QuotaName.Default, null), new Dictionary<string, double> { [key] = value })]);
}
