using Microsoft.Extensions.Logging;
using NSubstitute;
using OrleansStream.Abstractions;
using OrleansStream.Gateway.Tests.Doubles;
using OrleansStream.Protocol.Kafka;
using FetchRequest = OrleansStream.Protocol.Kafka.FetchRequest;

namespace OrleansStream.Gateway.Tests.Connections;

public sealed class PipeliningTests
{
    [Fact]
    public async Task Responses_ComeInTheOrderOfTheRequests_WhenTheGrainsAnswerInAnother()
    {
        await using var fixture = await GatewayFixture.StartAsync();
        var answers = Enumerable.Range(0, 5).Select(_ => new TaskCompletionSource<PartitionProduceResponse>()).ToArray();
        var calls = new List<int>();
        var allCalled = new TaskCompletionSource();
        for (var i = 0; i < answers.Length; i++)
        {
            var number = i;
            fixture.Grains.Partition($"t/{i}@1").ProduceAsync(Arg.Any<PartitionProduceRequest>(), Arg.Any<CancellationToken>()).Returns(_ =>
            {
                calls.Add(number);
                if (calls.Count == answers.Length)
                {
                    allCalled.SetResult();
                }

                return answers[number].Task;
            });
        }

        using var client = await fixture.ConnectAsync();
        for (var i = 0; i < answers.Length; i++)
        {
            await client.SendAsync(SampleRequests.Produce("t", i, acks: -1), 9);
        }

        await Expect.WithinAsync(allCalled.Task, "all requests to be handed on before any is answered");
        for (var i = answers.Length - 1; i >= 0; i--)
        {
            answers[i].SetResult(new PartitionProduceResponse(ErrorCode.None, null, 100 + i, -1, 0, 4));
        }

        for (var i = 0; i < answers.Length; i++)
        {
            var response = await client.ReceiveAsync<ProduceResponse>(i + 1, 9);
            response.Responses[0].PartitionResponses[0].BaseOffset.ShouldBe(100 + i);
        }

        calls.ShouldBe([0, 1, 2, 3, 4]);
    }

    [Fact]
    public async Task Reading_Stops_WhileAsManyRequestsAreInWorkAsAreAllowed()
    {
        await using var fixture = await GatewayFixture.StartAsync(options => options.MaxInFlightRequestsPerConnection = 2);
        var answer = new TaskCompletionSource<PartitionProduceResponse>();
        var calls = 0;
        fixture.Grains.Partition("t/0@1").ProduceAsync(Arg.Any<PartitionProduceRequest>(), Arg.Any<CancellationToken>())
            .Returns(_ =>
            {
                Interlocked.Increment(ref calls);
                return answer.Task;
            });
        using var client = await fixture.ConnectAsync();
        for (var i = 0; i < 10; i++)
        {
            await client.SendAsync(SampleRequests.Produce("t", 0, acks: -1), 9);
        }

        // One more than allowed is with the sender, one more was read and waits for its place.
        answer.SetResult(new PartitionProduceResponse(ErrorCode.None, null, 1, -1, 0, 4));
        Volatile.Read(ref calls).ShouldBeLessThanOrEqualTo(4);
        for (var i = 0; i < 10; i++)
        {
            await client.ReceiveAsync<ProduceResponse>(i + 1, 9);
        }

        calls.ShouldBe(10);
    }

    [Fact]
    public async Task LongPoll_IsCancelled_WhenItsClientDisconnects()
    {
        await using var fixture = await GatewayFixture.StartAsync();
        var polls = new TaskCompletionSource<CancellationToken>();
        fixture.Grains.Broker.FetchAsync(Arg.Any<Abstractions.FetchRequest>(), Arg.Any<CancellationToken>()).Returns(async call =>
        {
            polls.SetResult(call.ArgAt<CancellationToken>(1));
            await Expect.CancelledAsync(call.ArgAt<CancellationToken>(1));
            return new Abstractions.FetchResponse([]);
        });
        var client = await fixture.ConnectAsync();
        await client.SendAsync(new FetchRequest { MaxWaitMs = int.MaxValue, MinBytes = 1 }, 4);
        var token = await Expect.WithinAsync(polls.Task, "the fetch to reach the broker grain");
        token.IsCancellationRequested.ShouldBeFalse();

        client.Dispose();

        await Expect.WithinAsync(Expect.CancelledAsync(token), "the long poll to be cancelled");
        fixture.Log.Lines.ShouldBeEmpty();
    }

    [Fact]
    public async Task Produce_HasNoResponse_WithAcks0()
    {
        await using var fixture = await GatewayFixture.StartAsync();
        fixture.Grains.Partition("t/0@1").ProduceAsync(Arg.Any<PartitionProduceRequest>(), Arg.Any<CancellationToken>())
            .Returns(new PartitionProduceResponse(ErrorCode.None, null, -1, -1, -1, 4));
        using var client = await fixture.ConnectAsync();

        await client.SendAsync(SampleRequests.Produce("t", 0, acks: 0), 9);
        var next = await client.SendAsync(new ApiVersionsRequest(), 0);

        await client.ReceiveAsync<ApiVersionsResponse>(next, 0);
    }

    [Fact]
    public async Task Produce_ClosesTheConnection_WhenItFailsWithAcks0()
    {
        await using var fixture = await GatewayFixture.StartAsync();
        fixture.Grains.Partition("t/0@1").ProduceAsync(Arg.Any<PartitionProduceRequest>(), Arg.Any<CancellationToken>())
            .Returns(new PartitionProduceResponse(ErrorCode.NotLeaderOrFollower, "elsewhere", -1, -1, -1, 4));
        using var client = await fixture.ConnectAsync();

        await client.SendAsync(SampleRequests.Produce("t", 0, acks: 0), 9);

        await client.ShouldBeClosedAsync();
        fixture.Log.Lines.ShouldHaveSingleItem().Text.ShouldContain("t-0 failed with NotLeaderOrFollower: elsewhere");
    }

    [Fact]
    public async Task UnexpectedException_ClosesItsOwnConnection_WithOneLine()
    {
        await using var fixture = await GatewayFixture.StartAsync();
        fixture.Grains.Cluster.DescribeConfigsAsync(Arg.Any<ConfigResource[]>(), Arg.Any<CancellationToken>())
            .Returns(Task.FromException<ConfigDescription[]>(new InvalidOperationException("a bug")));
        using var client = await fixture.ConnectAsync();

        await client.SendAsync(new DescribeConfigsRequest(), 4);
        await client.ShouldBeClosedAsync();

        fixture.Log.Lines.ShouldHaveSingleItem().Level.ShouldBe(LogLevel.Error);
        using var other = await fixture.ConnectAsync();
        await other.CallAsync<ApiVersionsRequest, ApiVersionsResponse>(new ApiVersionsRequest(), 0);
    }
}
