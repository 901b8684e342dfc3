using OrleansStream.Core.Quotas;

namespace OrleansStream.Core.Tests.Quotas;

public sealed class QuotaTableTests
{
    private static readonly QuotaName User = new("u");
    private static readonly QuotaName Client = new("c");

    /// <summary>All that can hold for user u with client id c, the strongest first, and who shares it.</summary>
    private static readonly (QuotaEntity Entity, QuotaBucket Bucket)[] ByPrecedence =
    [
        (new(User, Client, null), new("u", "c")),
        (new(User, QuotaName.Default, null), new("u", "c")),
        (new(User, null, null), new("u", null)),
        (new(QuotaName.Default, Client, null), new("u", "c")),
        (new(QuotaName.Default, QuotaName.Default, null), new("u", "c")),
        (new(QuotaName.Default, null, null), new("u", null)),
        (new(null, Client, null), new(null, "c")),
        (new(null, QuotaName.Default, null), new(null, "c")),
    ];

    [Fact]
    public void Find_TakesTheMostSpecific_OfThoseThatAreSet()
    {
        for (var first = 0; first < ByPrecedence.Length; first++)
        {
            var table = Table(ByPrecedence[first..]);

            table.Find(QuotaKind.Produce, "u", "c").ShouldBe(new QuotaLimit(ByPrecedence[first].Bucket, 1), $"entry {first}");
        }
    }

    [Fact]
    public void Find_LooksAtTheUserOnly_ForAClientWithoutId()
    {
        Table(ByPrecedence).Find(QuotaKind.Produce, "u", "").ShouldBe(new QuotaLimit(new("u", null), 3));
        Table(ByPrecedence[3..]).Find(QuotaKind.Produce, "u", null).ShouldBe(new QuotaLimit(new("u", null), 3));
        Table(ByPrecedence[6..]).Find(QuotaKind.Produce, "u", null).ShouldBeNull();
    }

    [Fact]
    public void Find_SeparatesKinds_AndOthers()
    {
        var table = QuotaTable.Create([
            (new QuotaEntity(User, Client, null), new Dictionary<string, double> { ["producer_byte_rate"] = 1 }),
            (new QuotaEntity(null, Client, null), new Dictionary<string, double> { ["consumer_byte_rate"] = 2, ["request_percentage"] = 3 }),
        ]);

        table.Find(QuotaKind.Produce, "u", "c")!.Value.PerSecond.ShouldBe(1);
        table.Find(QuotaKind.Fetch, "u", "c").ShouldBe(new QuotaLimit(new(null, "c"), 2), "the stronger entity has none of the kind");
        table.Find(QuotaKind.Produce, "other", "c").ShouldBeNull();
        QuotaTable.Empty.HasAny(QuotaKind.Fetch).ShouldBeFalse();
    }

    private static QuotaTable Table(IReadOnlyList<(QuotaEntity Entity, QuotaBucket Bucket)> entries)
        => QuotaTable.Create(entries.Select((entry, i) => (entry.Entity, (IReadOnlyDictionary<string, double>)new Dictionary<string, double> { ["producer_byte_rate"] = i + 1 })));
}
