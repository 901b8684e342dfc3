using OrleansStream.Core.Quotas;

namespace OrleansStream.Core.Tests.Quotas;

public sealed class QuotaFilterTests
{
    private static readonly (string Name, QuotaEntity Entity)[] Entities =
    [
        ("u", new(new QuotaName("u"), null, null)),
        ("U", new(QuotaName.Default, null, null)),
        ("c", new(null, new QuotaName("c"), null)),
        ("C", new(null, QuotaName.Default, null)),
        ("uc", new(new QuotaName("u"), new QuotaName("c"), null)),
        ("uC", new(new QuotaName("u"), QuotaName.Default, null)),
        ("i", new(null, null, new QuotaName("i"))),
    ];

    [Theory]
    [InlineData("", false, "u U c C uc uC i")]
    [InlineData("", true, "")]
    [InlineData("user=u", false, "u uc uC")]
    [InlineData("user=u", true, "u")]
    [InlineData("user!", false, "U")]
    [InlineData("user*", true, "u U")]
    [InlineData("user*", false, "u U uc uC")]
    [InlineData("client-id=c", false, "c uc")]
    [InlineData("client-id=c", true, "c")]
    [InlineData("user=u client-id*", true, "uc uC")]
    [InlineData("user=u client-id!", false, "uC")]
    [InlineData("user=other", false, "")]
    [InlineData("ip*", false, "i")]
    public void Matches_LetsThrough_WhatHasTheParts(string filter, bool isStrict, string expected)
    {
        var made = QuotaFilter.Create(filter.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Part), isStrict).Value;

        string.Join(' ', Entities.Where(entry => made.Matches(entry.Entity)).Select(entry => entry.Name)).ShouldBe(expected);
    }

    [Fact]
    public void Create_Refuses_WhatMakesNoSense()
    {
        Refused(new QuotaFilterPart("", QuotaMatch.Any, null)).ShouldBe(ErrorCode.InvalidRequest);
        Refused(new QuotaFilterPart("group", QuotaMatch.Any, null)).ShouldBe(ErrorCode.UnsupportedVersion);
        Refused(new QuotaFilterPart("user", QuotaMatch.Exact, null)).ShouldBe(ErrorCode.InvalidRequest);
        Refused(new QuotaFilterPart("user", QuotaMatch.Default, "u")).ShouldBe(ErrorCode.InvalidRequest);
        Refused(new QuotaFilterPart("user", QuotaMatch.Any, "u")).ShouldBe(ErrorCode.InvalidRequest);
        Refused(new QuotaFilterPart("user", (QuotaMatch)3, null)).ShouldBe(ErrorCode.InvalidRequest);
        Refused(Part("user*"), Part("user=u")).ShouldBe(ErrorCode.InvalidRequest);
        Refused(Part("user*"), Part("ip*")).ShouldBe(ErrorCode.InvalidRequest);

        static ErrorCode Refused(params QuotaFilterPart[] parts)
        {
            var outcome = QuotaFilter.Create(parts, isStrict: false);
            outcome.Message.ShouldNotBeNullOrEmpty();
            return outcome.Error;
        }
    }

    private static QuotaFilterPart Part(string text) => text[^1] switch
    {
        '!' => new QuotaFilterPart(text[..^1], QuotaMatch.Default, null),
        '*' => new QuotaFilterPart(text[..^1], QuotaMatch.Any, null),
        _ => new QuotaFilterPart(text.Split('=')[0], QuotaMatch.Exact, text.Split('=')[1]),
    };
}
