using NSubstitute;
using OrleansStream.Abstractions;
using OrleansStream.Gateway.Tests.Doubles;
using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Gateway.Tests.Handlers;

public sealed class ProduceTests
{
    [Theory]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(9)]
    public async Task WrongRecords_AreNamed_WhereTheVersionCanSaySo(short version)
    {
        await using var fixture = await GatewayFixture.StartAsync();
        fixture.Grains.Partition("t/0@1").ProduceAsync(Arg.Any<PartitionProduceRequest>(), Arg.Any<CancellationToken>())
            .Returns(new PartitionProduceResponse(ErrorCode.InvalidRecord, "no key", -1, -1, 0, 4, [1, 3]));
        using var client = await fixture.ConnectAsync();

        var response = await client.CallAsync<ProduceRequest, ProduceResponse>(SampleRequests.Produce("t", 0, acks: -1), version);

        var partition = response.Responses[0].PartitionResponses[0];
        partition.ErrorCode.ShouldBe(ErrorCode.InvalidRecord);
        partition.RecordErrors.Select(error => error.BatchIndex).ShouldBe(version < 8 ? [] : [1, 3]);
        partition.ErrorMessage.ShouldBe(version < 8 ? null : "no key");
    }
}
