using System.Diagnostics;

namespace OrleansStream.Client.Tests.Producing;

/// <summary>Interceptors, trace context, and options that are refused.</summary>
public sealed class ProducerExtrasTests : IAsyncDisposable
{
    private readonly FakeCluster _cluster = new FakeCluster().AddTopic("t");
    private readonly OrleansStreamClient _client;

    public ProducerExtrasTests() => _client = _cluster.Connect();

    public ValueTask DisposeAsync() => _client.DisposeAsync();

    [Fact]
    public async Task ProduceAsync_RunsInterceptorsInOrder_AndTellsThemTheOutcome()
    {
        var first = new Appender("1");
        var second = new Appender("2");
        await using var producer = _client.CreateProducer<Null, string>(options =>
        {
            options.Interceptors.Add(first);
            options.Interceptors.Add(second);
        });

        await producer.ProduceAsync("t", null, "x").Within("the delivery");
        await producer.SendAsync("t", null, "y");
        await producer.FlushAsync().Within("the flush");

        _cluster["t"].Values().ShouldBe(["x12", "y12"]);
        first.Delivered.ShouldBe([0, 1]);
        second.Delivered.ShouldBe([0, 1]);
    }

    [Fact]
    public async Task FlushAsync_StillThrows_WhenAnInterceptorLooksOn()
    {
        _cluster.OnProduce = produce => Task.FromResult(produce.Answer(ErrorCode.InvalidRecord));
        await using var producer = _client.CreateProducer<Null, string>(options => options.Interceptors.Add(new Appender("!")));
        await producer.SendAsync("t", null, "y");

        (await Should.ThrowAsync<FlushException>(producer.FlushAsync().Within("the flush"))).FailedCount.ShouldBe(1);
    }

    [Fact]
    public async Task ProduceAsync_PassesTheTraceOn_WhenAnActivityIsCurrent()
    {
        await using var producer = _client.CreateProducer<Null, string>();
        await using var consumer = _client.CreateConsumer<Ignore, string>();
        using var activity = new Activity("request").SetIdFormat(ActivityIdFormat.W3C).Start();
        activity.TraceStateString = "vendor=1";

        await producer.ProduceAsync("t", null, "x").Within("the delivery");

        consumer.Assign(new TopicPartitionOffset("t", 0, OffsetSpec.Earliest));
        var record = (await consumer.PollAsync(Expect.Patience)).ShouldNotBeNull();
        TraceContext.TryExtract(record.Headers, out var context).ShouldBeTrue();
        context.TraceId.ShouldBe(activity.TraceId);
        context.TraceState.ShouldBe("vendor=1");
    }

    [Fact]
    public async Task ProduceAsync_AddsNoHeaders_WhenTraceContextIsOff()
    {
        await using var producer = _client.CreateProducer<Null, string>(options => options.PropagateTraceContext = false);
        await using var consumer = _client.CreateConsumer<Ignore, string>();
        using var activity = new Activity("request").SetIdFormat(ActivityIdFormat.W3C).Start();

        await producer.ProduceAsync("t", null, "x").Within("the delivery");

        consumer.Assign(new TopicPartitionOffset("t", 0, OffsetSpec.Earliest));
        (await consumer.PollAsync(Expect.Patience)).ShouldNotBeNull().Headers.ShouldBeEmpty();
    }

    [Fact]
    public void CreateProducer_NamesEveryBrokenRule_WhenOptionsAreWrong()
    {
        var exception = Should.Throw<Microsoft.Extensions.Options.OptionsValidationException>(() => _client.CreateProducer<Null, string>(options =>
        {
            options.Acks = Acks.Leader;
            options.EnableIdempotence = true;
            options.MaxInFlightPerPartition = 6;
            options.BatchSize = 10;
            options.MaxBufferBytes = 5;
            options.LingerMs = -1;
        }));

        exception.Failures.ShouldBe(
        [
            "Producer.EnableIdempotence is 'True'; it needs Acks = All, but Acks is Leader.",
            "Producer.BatchSize is '10'; it must be from 1024 to 67108864.",
            "Producer.LingerMs is '-1'; it must be from 0 to 3600000.",
            "Producer.MaxInFlightPerPartition is '6'; it must be at most 5 with idempotence, because a broker remembers that many batches of a producer (KIP-98).",
            "Producer.MaxBufferBytes is '5'; it must be at least BatchSize (10) and MaxRecordBytes (1048576).",
        ]);
    }

    private sealed class Appender(string suffix) : IProducerInterceptor<Null, string>
    {
        public List<long> Delivered { get; } = [];

        public Message<Null, string> OnSend(string topic, Message<Null, string> message) => message with { Value = message.Value + suffix };

        public void OnDelivered(in DeliveryReport report) => Delivered.Add(report.Result.Offset);
    }
}
