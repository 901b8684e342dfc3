using NSubstitute;
using OrleansStream.Abstractions;
using OrleansStream.Gateway.Connections;
using OrleansStream.Gateway.Tests.Doubles;
using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Gateway.Tests.Connections;

public sealed class LimitTests
{
    [Fact]
    public async Task Connection_IsRefused_WhenThereAreMaxConnections()
    {
        await using var fixture = await GatewayFixture.StartAsync(options => options.MaxConnections = 2);
        using var first = await ServedAsync(fixture);
        using var second = await ServedAsync(fixture);

        using var third = await fixture.ConnectAsync();

        await third.ShouldBeClosedAsync();
        fixture.Log.Lines.ShouldHaveSingleItem().Text.ShouldContain("max.connections is 2");
        await first.CallAsync<ApiVersionsRequest, ApiVersionsResponse>(new ApiVersionsRequest(), 0);
    }

    [Fact]
    public async Task Connection_IsRefused_WhenItsAddressHasMaxConnectionsPerIp()
    {
        await using var fixture = await GatewayFixture.StartAsync(options => options.MaxConnectionsPerIp = 1);
        using var first = await ServedAsync(fixture);

        using var second = await fixture.ConnectAsync();

        await second.ShouldBeClosedAsync();
        fixture.Log.Lines.ShouldHaveSingleItem().Text.ShouldContain("max.connections.per.ip is 1");
    }

    [Fact]
    public async Task Connection_IsClosed_WhenItIsIdleForTooLong()
    {
        await using var fixture = await GatewayFixture.StartAsync(options => options.ConnectionsMaxIdleMs = 60_000);
        using var idle = await ServedAsync(fixture);
        fixture.Time.Advance(TimeSpan.FromSeconds(50));
        using var busy = await ServedAsync(fixture);

        fixture.Time.Advance(TimeSpan.FromSeconds(20));

        await idle.ShouldBeClosedAsync();
        await busy.CallAsync<ApiVersionsRequest, ApiVersionsResponse>(new ApiVersionsRequest(), 0);
    }

    [Fact]
    public async Task Connection_IsNotIdle_WhileARequestIsInWork()
    {
        await using var fixture = await GatewayFixture.StartAsync(options => options.ConnectionsMaxIdleMs = 60_000);
        var (called, answer) = (new TaskCompletionSource(), new TaskCompletionSource<PartitionProduceResponse>());
        fixture.Grains.Partition("t/0@1").ProduceAsync(Arg.Any<PartitionProduceRequest>(), Arg.Any<CancellationToken>()).Returns(_ =>
        {
            called.SetResult();
            return answer.Task;
        });
        using var client = await fixture.ConnectAsync();
        await client.SendAsync(SampleRequests.Produce("t", 0, acks: 1), 9);
        await Expect.WithinAsync(called.Task, "the request to reach the grain");

        fixture.Time.Advance(TimeSpan.FromMinutes(10));
        answer.SetResult(new PartitionProduceResponse(ErrorCode.None, null, 7, -1, 0, 4));

        (await client.ReceiveAsync<ProduceResponse>(1, 9)).Responses[0].PartitionResponses[0].BaseOffset.ShouldBe(7);
    }

    [Fact]
    public async Task Reading_Waits_WhileRequestsInWorkTakeTheAllowedMemory()
    {
        await using var fixture = await GatewayFixture.StartAsync(options => options.QueuedMaxRequestBytes = 10_000);
        var (called, answer) = (new TaskCompletionSource(), new TaskCompletionSource<PartitionProduceResponse>());
        fixture.Grains.Partition("t/0@1").ProduceAsync(Arg.Any<PartitionProduceRequest>(), Arg.Any<CancellationToken>()).Returns(_ =>
        {
            called.SetResult();
            return answer.Task;
        });
        using var first = await fixture.ConnectAsync();
        using var second = await fixture.ConnectAsync();
        await first.SendAsync(SampleRequests.Produce("t", 0, acks: 1, bytes: 8000), 9);
        await Expect.WithinAsync(called.Task, "the first request to reach the grain");

        await second.SendAsync(SampleRequests.Produce("other", 0, acks: 1, bytes: 8000), 9);
        var response = second.ReceiveFrameAsync();
        fixture.Grains.Partition("other/0@1").ReceivedCalls().ShouldBeEmpty();
        response.IsCompleted.ShouldBeFalse();

        fixture.Grains.Partition("other/0@1").ProduceAsync(Arg.Any<PartitionProduceRequest>(), Arg.Any<CancellationToken>())
            .Returns(new PartitionProduceResponse(ErrorCode.None, null, 1, -1, 0, 4));
        answer.SetResult(new PartitionProduceResponse(ErrorCode.None, null, 1, -1, 0, 4));
        await first.ReceiveAsync<ProduceResponse>(1, 9);
        (await Expect.WithinAsync(response, "the second response once there is room")).ShouldNotBeNull();
    }

    [Fact]
    public async Task RequestMemory_GivesRoomInTurn_AndTakesBackWhatACancelledWaiterDidNotUse()
    {
        var memory = new RequestMemory(100);
        await memory.AcquireAsync(500, CancellationToken.None);
        using var cancellation = new CancellationTokenSource();
        var cancelled = memory.AcquireAsync(60, cancellation.Token).AsTask();
        var waiting = memory.AcquireAsync(70, CancellationToken.None).AsTask();
        var behind = memory.AcquireAsync(10, CancellationToken.None).AsTask();
        behind.IsCompleted.ShouldBeFalse("nobody overtakes");

        await cancellation.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => cancelled);
        memory.Release(500);

        await Expect.WithinAsync(Task.WhenAll(waiting, behind), "room for both");
        memory.UsedBytes.ShouldBe(80);
        memory.Release(80);
        memory.UsedBytes.ShouldBe(0);
    }

    private static async Task<TestClient> ServedAsync(GatewayFixture fixture)
    {
        var client = await fixture.ConnectAsync();
        await client.CallAsync<ApiVersionsRequest, ApiVersionsResponse>(new ApiVersionsRequest(), 0);
        return client;
    }
}
