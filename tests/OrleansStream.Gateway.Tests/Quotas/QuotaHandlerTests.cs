using NSubstitute;
using OrleansStream.Abstractions;
using OrleansStream.Gateway.Tests.Doubles;
using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Gateway.Tests.Quotas;

/// <summary>KIP-546, as a client meets it.</summary>
public sealed class QuotaHandlerTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task DescribeClientQuotas_PassesTheFilterOn_AndShowsDefaultsAsNull(short version)
    {
        await using var fixture = await GatewayFixture.StartAsync();
        QuotaFilterPart[]? asked = null;
        fixture.Grains.Cluster.DescribeClientQuotasAsync(Arg.Do<QuotaFilterPart[]>(filter => asked = filter), true, Arg.Any<CancellationToken>()).Returns(
            new DescribeQuotasResponse(
                ErrorCode.None, null, [new ClientQuota([new("user", null), new("client-id", "app")], [new("consumer_byte_rate", 1024), new("request_percentage", 12.5)])]));
        using var client = await fixture.ConnectAsync();
        var request = new DescribeClientQuotasRequest
        {
            Components = [new() { EntityType = "user", MatchType = 1, Match = null }, new() { EntityType = "client-id", MatchType = 0, Match = "app" }],
            Strict = true,
        };

        var response = await client.CallAsync<DescribeClientQuotasRequest, DescribeClientQuotasResponse>(request, version);

        asked.ShouldBe([new QuotaFilterPart("user", QuotaMatch.Default, null), new QuotaFilterPart("client-id", QuotaMatch.Exact, "app")]);
        response.ErrorCode.ShouldBe(ErrorCode.None);
        var entry = response.Entries.ShouldNotBeNull().ShouldHaveSingleItem();
        entry.Entity.Select(part => (part.EntityType, part.EntityName)).ShouldBe([("user", null), ("client-id", "app")]);
        entry.Values.Select(value => (value.Key, value.Value)).ShouldBe([("consumer_byte_rate", 1024), ("request_percentage", 12.5)]);
    }

    [Fact]
    public async Task DescribeClientQuotas_HasNoEntries_WhenTheFilterIsRefused()
    {
        await using var fixture = await GatewayFixture.StartAsync();
        fixture.Grains.Cluster.DescribeClientQuotasAsync(Arg.Any<QuotaFilterPart[]>(), Arg.Any<bool>(), Arg.Any<CancellationToken>())
            .Returns(new DescribeQuotasResponse(ErrorCode.InvalidRequest, "no", []));
        using var client = await fixture.ConnectAsync();

        var response = await client.CallAsync<DescribeClientQuotasRequest, DescribeClientQuotasResponse>(new DescribeClientQuotasRequest(), 1);

        (response.ErrorCode, response.ErrorMessage, response.Entries).ShouldBe((ErrorCode.InvalidRequest, "no", null));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task AlterClientQuotas_PassesChangesOn_AndAnswersForEachEntity(short version)
    {
        await using var fixture = await GatewayFixture.StartAsync();
        QuotaAlteration[]? asked = null;
        fixture.Grains.Cluster.AlterClientQuotasAsync(Arg.Do<QuotaAlteration[]>(alterations => asked = alterations), true, Arg.Any<CancellationToken>())
            .Returns(call => Array.ConvertAll(
                call.ArgAt<QuotaAlteration[]>(0), alteration => new QuotaAlterationResult(alteration.Entity, ErrorCode.InvalidRequest, "why not")));
        using var client = await fixture.ConnectAsync();
        var request = new AlterClientQuotasRequest
        {
            Entries =
            [
                new()
                {
                    Entity = [new() { EntityType = "client-id", EntityName = null }],
                    Ops = [new() { Key = "producer_byte_rate", Value = 5 }, new() { Key = "consumer_byte_rate", Value = 7, Remove = true }],
                },
            ],
            ValidateOnly = true,
        };

        var response = await client.CallAsync<AlterClientQuotasRequest, AlterClientQuotasResponse>(request, version);

        asked.ShouldNotBeNull().ShouldHaveSingleItem().Changes.ShouldBe([new QuotaValueChange("producer_byte_rate", 5), new QuotaValueChange("consumer_byte_rate", null)]);
        var entry = response.Entries.ShouldHaveSingleItem();
        (entry.ErrorCode, entry.ErrorMessage).ShouldBe((ErrorCode.InvalidRequest, "why not"));
        entry.Entity.Select(part => (part.EntityType, part.EntityName)).ShouldBe([("client-id", null)]);
    }

    [Theory]
    [InlineData(2, "orders", ConfigSource.DynamicTopicConfig)]
    [InlineData(4, "1", ConfigSource.DynamicBrokerConfig)]
    [InlineData(4, "", ConfigSource.DynamicDefaultBrokerConfig)]
    public async Task AlterConfigs_TakesAway_WhatIsSetOnTheResourceItselfAndNotInTheRequest(sbyte type, string name, ConfigSource own)
    {
        await using var fixture = await GatewayFixture.StartAsync();
        fixture.Grains.Cluster.DescribeConfigsAsync(Arg.Any<ConfigResource[]>(), Arg.Any<CancellationToken>()).Returns(call => Array.ConvertAll(
            call.ArgAt<ConfigResource[]>(0),
            resource => new ConfigDescription(
                resource,
                ErrorCode.None,
                null,
                [.. Enum.GetValues<ConfigSource>().Select(source => new ConfigEntry(source.ToString(), "1", source, false, false, ConfigValueType.Long, ""))])));
        ConfigAlteration[]? asked = null;
        fixture.Grains.Cluster.AlterConfigsAsync(Arg.Do<ConfigAlteration[]>(alterations => asked = alterations), false, Arg.Any<CancellationToken>())
            .Returns([new TopicResult(name, Guid.Empty, ErrorCode.None, null)]);
        using var client = await fixture.ConnectAsync();
        var request = new AlterConfigsRequest { Resources = [new() { ResourceType = type, ResourceName = name, Configs = [new() { Name = "kept", Value = "2" }] }] };

        await client.CallAsync<AlterConfigsRequest, AlterConfigsResponse>(request, 2);

        asked.ShouldNotBeNull().ShouldHaveSingleItem().Changes
            .ShouldBe([new ConfigChange("kept", ConfigOperation.Set, "2"), new ConfigChange(own.ToString(), ConfigOperation.Delete, null)]);
    }
}
