using System.Net;
using System.Net.Sockets;
using NSubstitute;
using OrleansStream.Abstractions;
using OrleansStream.Gateway.Tests.Doubles;
using OrleansStream.Protocol.Kafka;
using FetchRequest = OrleansStream.Protocol.Kafka.FetchRequest;

namespace OrleansStream.Gateway.Tests.Connections;

public sealed class StopTests
{
    [Fact]
    public async Task Stop_AnswersWhatIsInWork_AndThenCloses()
    {
        await using var fixture = await GatewayFixture.StartAsync();
        var (called, answer) = (new TaskCompletionSource(), new TaskCompletionSource<PartitionProduceResponse>());
        fixture.Grains.Partition("t/0@1").ProduceAsync(Arg.Any<PartitionProduceRequest>(), Arg.Any<CancellationToken>()).Returns(_ =>
        {
            called.SetResult();
            return answer.Task;
        });
        using var idle = await fixture.ConnectAsync();
        using var client = await fixture.ConnectAsync();
        await client.SendAsync(SampleRequests.Produce("t", 0, acks: -1), 9);
        await Expect.WithinAsync(called.Task, "the request to reach the grain");
        var endPoint = fixture.Gateway.LocalEndPoint!;

        var stopping = fixture.Gateway.StopAsync(CancellationToken.None);
        await idle.ShouldBeClosedAsync();
        stopping.IsCompleted.ShouldBeFalse();
        await Should.ThrowAsync<SocketException>(() => TestClient.ConnectAsync(endPoint));
        answer.SetResult(new PartitionProduceResponse(ErrorCode.None, null, 42, -1, 0, 4));

        (await client.ReceiveAsync<ProduceResponse>(1, 9)).Responses[0].PartitionResponses[0].BaseOffset.ShouldBe(42);
        await client.ShouldBeClosedAsync();
        await Expect.WithinAsync(stopping, "the gateway to stop");
        fixture.Gateway.ConnectionCount.ShouldBe(0);
    }

    [Fact]
    public async Task Stop_EndsLongPolls()
    {
        await using var fixture = await GatewayFixture.StartAsync();
        var called = new TaskCompletionSource();
        fixture.Grains.Broker.FetchAsync(Arg.Any<Abstractions.FetchRequest>(), Arg.Any<CancellationToken>()).Returns(async call =>
        {
            called.SetResult();
            await Expect.CancelledAsync(call.ArgAt<CancellationToken>(1));
            return new Abstractions.FetchResponse([]);
        });
        using var client = await fixture.ConnectAsync();
        await client.SendAsync(new FetchRequest { MaxWaitMs = 60_000, MinBytes = 1 }, 4);
        await Expect.WithinAsync(called.Task, "the fetch to reach the broker grain");

        await Expect.WithinAsync(fixture.Gateway.StopAsync(CancellationToken.None), "the gateway to stop");

        (await client.ReceiveAsync<Protocol.Kafka.FetchResponse>(1, 4)).Responses.ShouldBeEmpty();
    }

    [Fact]
    public async Task Stop_ClosesWhatIsStillInWork_WhenItsTimeIsOver()
    {
        await using var fixture = await GatewayFixture.StartAsync(options => options.DrainTimeout = TimeSpan.FromSeconds(10));
        var (called, answer) = (new TaskCompletionSource(), new TaskCompletionSource<PartitionProduceResponse>());
        fixture.Grains.Partition("t/0@1").ProduceAsync(Arg.Any<PartitionProduceRequest>(), Arg.Any<CancellationToken>()).Returns(_ =>
        {
            called.SetResult();
            return answer.Task;
        });
        using var client = await fixture.ConnectAsync();
        await client.SendAsync(SampleRequests.Produce("t", 0, acks: -1), 9);
        await Expect.WithinAsync(called.Task, "the request to reach the grain");
        var armed = fixture.Time.ArmedCount;

        var stopping = fixture.Gateway.StopAsync(CancellationToken.None);
        await fixture.Time.WhenArmedAgainAsync(armed);
        fixture.Time.Advance(TimeSpan.FromSeconds(11));

        await client.ShouldBeClosedAsync();
        answer.SetResult(new PartitionProduceResponse(ErrorCode.None, null, 42, -1, 0, 4));
        await Expect.WithinAsync(stopping, "the gateway to stop");
        fixture.Log.Lines.ShouldHaveSingleItem().Text.ShouldContain("1 Kafka connections still had requests in work");
    }

    [Fact]
    public async Task Start_SaysWhichPortIsTaken()
    {
        await using var fixture = await GatewayFixture.StartAsync();
        var taken = fixture.Gateway.LocalEndPoint!;

        var exception = await Should.ThrowAsync<IOException>(() => GatewayFixture.StartAsync(options => options.EndPoint = new IPEndPoint(IPAddress.Loopback, taken.Port)));

        exception.Message.ShouldContain($"127.0.0.1:{taken.Port}");
        exception.Message.ShouldContain("--kafka-port");
    }

    [Fact]
    public async Task Start_WaitsUntilTheBrokerServes()
    {
        var serving = new TaskCompletionSource();
        var starting = GatewayFixture.StartAsync(options => options.WhenServing = _ => serving.Task);
        starting.IsCompleted.ShouldBeFalse();

        serving.SetResult();

        await using var fixture = await Expect.WithinAsync(starting, "the gateway to start");
        fixture.Gateway.LocalEndPoint.ShouldNotBeNull();
    }
}
