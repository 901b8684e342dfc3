using OrleansStream.Cli.Records;
using OrleansStream.Client;

namespace OrleansStream.Cli.Tests.Records;

public sealed class ConsumeStartTests
{
    [Fact]
    public void Parse_IsTheEnd_WhenNothingIsGiven() => ConsumeStart.Parse(false, null, null).ShouldBe(OffsetSpec.Latest);

    [Fact]
    public void Parse_IsTheBeginning_WhenItIsAskedFor() => ConsumeStart.Parse(true, null, null).ShouldBe(OffsetSpec.Earliest);

    [Fact]
    public void Parse_IsTheOffset_WhenOneIsGiven() => ConsumeStart.Parse(false, 17, null).ShouldBe(OffsetSpec.At(17));

    [Theory]
    [InlineData("1785499200000")]
    [InlineData("2026-07-31T12:00:00Z")]
    [InlineData("2026-07-31T14:00:00+02:00")]
    [InlineData("2026-07-31 12:00")]
    public void Parse_IsTheTime_HoweverItIsWritten(string text) =>
        ConsumeStart.Parse(false, null, text).ShouldBe(OffsetSpec.AtTimestamp(DateTimeOffset.FromUnixTimeMilliseconds(1_785_499_200_000)));
}
