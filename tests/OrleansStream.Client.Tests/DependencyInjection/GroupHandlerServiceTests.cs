using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans;

namespace OrleansStream.Client.Tests.DependencyInjection;

public sealed class GroupHandlerServiceTests : IAsyncDisposable
{
    private readonly FakeCluster _cluster = new FakeCluster().AddTopic("t");
    private readonly ManualTime _time = new();
    private readonly Seen _seen = new();
    private ServiceProvider? _provider;

    public async ValueTask DisposeAsync()
    {
        if (_provider is not null)
        {
            await _provider.DisposeAsync();
        }
    }

    [Fact]
    public async Task Service_ConsumesUntilTheHostStops_AndCommits()
    {
        _cluster["t"].AppendValues("a", "b");
        var service = Build(options => options.EnsureTopics = [new TopicSpecification("t", 1), new TopicSpecification("made", 2)]);
        await service.StartAsync(default);
        await UntilAsync(() => _seen.Values.Count == 2, "both records");
        await service.StopAsync(default).Within("the stop");
        _cluster.Coordinator.Offsets[new TopicPartition("t", 0)].Offset.ShouldBe(2);
        _cluster.Coordinator.MemberIds.ShouldBeEmpty();
        _cluster.Topics.ShouldContain("made");
    }

    [Fact]
    public async Task Service_StartsAgainWithANewHandler_WhenOneFails()
    {
        _cluster["t"].AppendValues("a", "b");
        _seen.FailOn = "b";
        var service = Build();
        await service.StartAsync(default);
        await UntilAsync(() => _seen.Values.Count == 2, "the failure");
        _seen.FailOn = null;
        await UntilAsync(() => _seen.Values.Count >= 3, "going on");
        await service.StopAsync(default).Within("the stop");
        _seen.Values.ShouldBe(["a", "b", "b"]);
        _seen.Handlers.ShouldBe(2);
    }

    [Fact]
    public async Task Service_DoesNotStart_WhenAnOptionIsWrong()
    {
        var service = Build(options => options.GroupId = null);
        (await Should.ThrowAsync<OptionsValidationException>(() => service.StartAsync(default))).Message.ShouldContain("GroupHandler.GroupId");
        service = Build(options => options.Topics = []);
        (await Should.ThrowAsync<OptionsValidationException>(() => service.StartAsync(default))).Message.ShouldContain("GroupHandler.Topics");
    }

    private IHostedService Build(Action<GroupHandlerOptions<Null, string>>? configure = null)
    {
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(_time);
        services.AddSingleton<IGrainFactory>(_cluster.Factory);
        services.AddSingleton(_seen);
        services.AddOrleansStreamClient().AddGroupHandler<Handler, Null, string>(options =>
        {
            options.GroupId = "g";
            options.Topics = ["t"];
            configure?.Invoke(options);
        });
        _provider = services.BuildServiceProvider();
        return _provider.GetServices<IHostedService>().Single();
    }

    private async Task UntilAsync(Func<bool> condition, string what)
    {
        var task = Expect.Until(condition, what);
        await _time.AdvanceUntilAsync(task, TimeSpan.FromMilliseconds(5), what);
        await task;
    }

    private sealed class Seen
    {
        public ConcurrentQueue<string?> Values { get; } = new();

        public int Handlers { get; set; }

        public string? FailOn { get; set; }
    }

    private sealed class Handler : IConsumerGroupHandler<Null, string>
    {
        private readonly Seen _seen;

        public Handler(Seen seen)
        {
            _seen = seen;
            _seen.Handlers++;
        }

        public async Task ConsumeClaimAsync(IConsumerGroupSession session, IConsumerClaim<Null, string> claim, CancellationToken cancellationToken)
        {
            await foreach (var record in claim.ConsumeAsync(cancellationToken))
            {
                _seen.Values.Enqueue(record.Value);
                if (record.Value == _seen.FailOn)
                {
                    throw new InvalidOperationException("mine");
                }
            }
        }
    }
}
