using OrleansStream.Core.Quotas;

namespace OrleansStream.Core.Tests.Quotas;

public sealed class QuotaEntityTests
{
    [Fact]
    public void Create_PutsPartsTogether_InAnyOrder()
    {
        var entity = QuotaEntity.Create([("client-id", "app"), ("user", null)]).Value;

        entity.ShouldBe(new QuotaEntity(QuotaName.Default, new QuotaName("app"), null));
        entity.Parts.ShouldBe([("user", null), ("client-id", "app")]);
        entity.ToString().ShouldBe("user <default>, client-id app");
    }

    [Theory]
    [InlineData("Invalid empty client quota entity")]
    [InlineData("duplicate entity entry user", "user", "a", "user", "b")]
    [InlineData("Unhandled client quota entity type: group", "group", "a")]
    [InlineData("Empty user not supported", "user", "")]
    [InlineData("client-id '..'", "client-id", "..")]
    [InlineData("should not be combined", "ip", "127.0.0.1", "client-id", "a")]
    public void Create_Refuses_WhatIsNoEntity(string message, params string[] parts)
    {
        var outcome = QuotaEntity.Create(parts.Chunk(2).Select(pair => (pair[0], (string?)pair[1])));

        outcome.Error.ShouldBe(ErrorCode.InvalidRequest);
        outcome.Message.ShouldNotBeNull().ShouldContain(message);
    }
}
