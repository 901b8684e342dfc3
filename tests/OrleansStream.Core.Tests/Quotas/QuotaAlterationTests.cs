using System.Collections.Immutable;
using OrleansStream.Core.Quotas;

namespace OrleansStream.Core.Tests.Quotas;

public sealed class QuotaAlterationTests
{
    private static readonly QuotaEntity App = new(null, new QuotaName("app"), null);
    private static readonly QuotaEntity Address = new(null, null, new QuotaName("127.0.0.1"));
    private static readonly ImmutableDictionary<string, string> Nothing = ImmutableDictionary<string, string>.Empty;

    [Theory]
    [InlineData("producer_byte_rate", 1048576, "1048576")]
    [InlineData("consumer_byte_rate", 1.0000001, "1")]
    [InlineData("consumer_byte_rate", 9.3e18, null)]
    [InlineData("request_percentage", 50, "50.0")]
    [InlineData("request_percentage", 12.5, "12.5")]
    [InlineData("controller_mutation_rate", 0.1, "0.1")]
    public void Alter_StoresValues_AsKafkaWritesThem(string key, double value, string? stored)
    {
        var altered = QuotaAlterer.Alter(App, Nothing, [new QuotaChange(key, value)]);

        (altered.IsSuccess ? altered.Value[key] : null).ShouldBe(stored);
    }

    [Theory]
    [InlineData("producer_byte_rate", 0.0, "must be greater than 0")]
    [InlineData("producer_byte_rate", -1.0, "must be greater than 0")]
    [InlineData("request_percentage", double.NaN, "must be greater than 0")]
    [InlineData("controller_mutation_rate", double.PositiveInfinity, "finite")]
    [InlineData("consumer_byte_rate", 1.5, "cannot be a fractional value")]
    [InlineData("connection_creation_rate", 1.0, "Invalid configuration key connection_creation_rate")]
    [InlineData("producer.byte.rate", 1.0, "Invalid configuration key producer.byte.rate")]
    public void Alter_Refuses_WhatIsNoQuota(string key, double value, string message)
    {
        var outcome = QuotaAlterer.Alter(App, Nothing, [new QuotaChange(key, value)]);

        outcome.Error.ShouldBe(ErrorCode.InvalidRequest);
        outcome.Message.ShouldNotBeNull().ShouldContain(message);
    }

    [Fact]
    public void Alter_KnowsConnectionRates_ForAddressesOnly()
    {
        QuotaAlterer.Alter(Address, Nothing, [new QuotaChange("connection_creation_rate", 5)]).Value["connection_creation_rate"].ShouldBe("5");
        QuotaAlterer.Alter(Address, Nothing, [new QuotaChange("connection_creation_rate", 3e9)]).Message.ShouldNotBeNull().ShouldContain("too large");
        QuotaAlterer.Alter(Address, Nothing, [new QuotaChange("producer_byte_rate", 5)]).Error.ShouldBe(ErrorCode.InvalidRequest);
    }

    [Fact]
    public void Alter_RemovesAndKeeps_WhatElseIsStored()
    {
        var stored = Nothing.Add("SCRAM-SHA-256", "salt=x").Add("producer_byte_rate", "1");

        QuotaAlterer.Alter(App, stored, [new QuotaChange("producer_byte_rate", null), new QuotaChange("consumer_byte_rate", 2)]).Value
            .ShouldBe(Nothing.Add("SCRAM-SHA-256", "salt=x").Add("consumer_byte_rate", "2"), ignoreOrder: true);
        QuotaAlterer.Alter(App, stored, [new QuotaChange("consumer_byte_rate", null)]).Value.ShouldBe(stored, ignoreOrder: true);
        QuotaAlterer.Alter(App, stored, [new QuotaChange("consumer_byte_rate", 1), new QuotaChange("consumer_byte_rate", 2)])
            .Message.ShouldNotBeNull().ShouldContain("Duplicate quota key consumer_byte_rate");
    }

    [Fact]
    public void Parse_LeavesOut_WhatIsNoQuotaOrNoNumber()
        => QuotaKeys.Parse(App, Nothing.Add("SCRAM-SHA-256", "salt=x").Add("producer_byte_rate", "soon").Add("request_percentage", "50.0"))
            .ShouldBe([new KeyValuePair<string, double>("request_percentage", 50)]);
}
