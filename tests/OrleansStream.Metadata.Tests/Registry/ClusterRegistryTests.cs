using OrleansStream.Core.Controller;
using OrleansStream.Metadata.Layout;
using OrleansStream.Metadata.Registry;

namespace OrleansStream.Metadata.Tests.Registry;

public sealed class ClusterRegistryTests : IAsyncLifetime
{
    private TemporaryDatabase _database = null!;
    private ClusterRegistry _registry = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await TemporaryDatabase.OpenAsync();
        _registry = new ClusterRegistry(_database.Session, _database.Time);
        await _registry.EnsureLayoutAsync(Cancellation);
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task EnsureLayout_ChangesNothing_WhenTheNodesAreThere()
    {
        var before = await _database.Session.ExistsAsync("/brokers", cancellationToken: Cancellation);

        await _registry.EnsureLayoutAsync(Cancellation);

        (await _database.Session.ExistsAsync("/brokers", cancellationToken: Cancellation)).ShouldBe(before);
    }

    [Fact]
    public async Task GetOrCreateClusterId_KeepsTheFirst_WhenAskedAgain()
    {
        (await _registry.GetOrCreateClusterIdAsync("first", Cancellation)).ShouldBe("first");
        (await _registry.GetOrCreateClusterIdAsync("second", Cancellation)).ShouldBe("first");
    }

    [Fact]
    public async Task RegisterBroker_AppearsWithItsEpoch_AndGoesWithTheSession()
    {
        var other = await _database.Database.OpenSessionAsync(Cancellation);
        var otherRegistry = new ClusterRegistry(other, _database.Time);
        var epoch2 = (await otherRegistry.RegisterBrokerAsync(Broker(2), TimeSpan.Zero, Cancellation)).Value;
        var epoch1 = (await _registry.RegisterBrokerAsync(Broker(1), TimeSpan.Zero, Cancellation)).Value;
        var changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        var brokers = await _registry.ReadBrokersAsync(_ => changed.SetResult(), Cancellation);

        brokers.ShouldBe([new LiveBroker(Broker(1), epoch1), new LiveBroker(Broker(2), epoch2)]);
        epoch1.ShouldBeGreaterThan(epoch2);
        await other.DisposeAsync();
        await changed.Task.WaitAsync(TimeSpan.FromSeconds(20), Cancellation);
        (await _registry.ReadBrokersAsync(null, Cancellation)).Select(b => b.BrokerId).ShouldBe([1]);
    }

    [Fact]
    public async Task RegisterBroker_IsRefused_WhileAnotherSessionHoldsTheId()
    {
        await using var other = await _database.Database.OpenSessionAsync(Cancellation);
        var otherRegistry = new ClusterRegistry(other, _database.Time);
        var first = await otherRegistry.RegisterBrokerAsync(Broker(1), TimeSpan.Zero, Cancellation);

        var refused = await _registry.RegisterBrokerAsync(Broker(1), TimeSpan.Zero, Cancellation);
        refused.Error.ShouldBe(ErrorCode.DuplicateBrokerRegistration);
        refused.Message!.ShouldContain("Broker id 1 is registered by another session");

        await other.DisposeAsync();
        (await _registry.RegisterBrokerAsync(Broker(1), TimeSpan.Zero, Cancellation)).Value.ShouldBeGreaterThan(first.Value);
    }

    [Fact]
    public async Task RegisterBroker_TakesTheId_WhenTheOtherSessionEndsInTime()
    {
        var other = await _database.Database.OpenSessionAsync(Cancellation);
        var first = await new ClusterRegistry(other, _database.Time).RegisterBrokerAsync(Broker(1), TimeSpan.Zero, Cancellation);
        var waiting = _registry.RegisterBrokerAsync(Broker(1), TimeSpan.FromMinutes(1), Cancellation);
        await _database.Session.SyncAsync(Cancellation);
        waiting.IsCompleted.ShouldBeFalse();

        await other.DisposeAsync();

        (await waiting.WaitAsync(TimeSpan.FromSeconds(20), Cancellation)).Value.ShouldBeGreaterThan(first.Value);
    }

    [Fact]
    public async Task RegisterBroker_KeepsItsEpoch_WhenTheSameSessionRegistersAgain()
    {
        var first = await _registry.RegisterBrokerAsync(Broker(1), TimeSpan.Zero, Cancellation);

        var again = await _registry.RegisterBrokerAsync(Broker(1) with { Rack = "b" }, TimeSpan.Zero, Cancellation);

        again.Value.ShouldBe(first.Value);
        (await _registry.ReadBrokersAsync(null, Cancellation)).Single().Registration.Rack.ShouldBe("b");
    }

    [Fact]
    public async Task ElectController_ElectsOne_AndTheNextWhenItGoes()
    {
        var other = await _database.Database.OpenSessionAsync(Cancellation);
        var otherRegistry = new ClusterRegistry(other, _database.Time);
        var elected = await otherRegistry.ElectControllerAsync(2, Cancellation);
        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        var beaten = await _registry.ElectControllerAsync(1, Cancellation);

        elected.Fence.ShouldBe(new ControllerFence(1, 1));
        beaten.ShouldBe(new ControllerElection(2, null));
        (await _registry.ReadControllerAsync(_ => gone.SetResult(), Cancellation)).ShouldBe(2);
        await other.DisposeAsync();
        await gone.Task.WaitAsync(TimeSpan.FromSeconds(20), Cancellation);
        (await _registry.ReadControllerAsync(null, Cancellation)).ShouldBeNull();
        (await _registry.ElectControllerAsync(1, Cancellation)).Fence.ShouldBe(new ControllerFence(2, 2));
    }

    [Fact]
    public async Task RemoveBroker_EndsARegistrationWhoseSessionLives_ButNoLaterOne()
    {
        var fence = (await _registry.ElectControllerAsync(1, Cancellation)).Fence!;
        await using var other = await _database.Database.OpenSessionAsync(Cancellation);
        var otherRegistry = new ClusterRegistry(other, _database.Time);
        var first = (await otherRegistry.RegisterBrokerAsync(Broker(2), TimeSpan.Zero, Cancellation)).Value;
        var gone = otherRegistry.WhenRegistrationGoneAsync(2, first, Cancellation);

        (await _registry.RemoveBrokerAsync(fence, 2, first, Cancellation)).ShouldBeTrue();

        await gone.WaitAsync(TimeSpan.FromSeconds(20), Cancellation);
        var second = (await otherRegistry.RegisterBrokerAsync(Broker(2), TimeSpan.Zero, Cancellation)).Value;
        second.ShouldBeGreaterThan(first);
        (await _registry.RemoveBrokerAsync(fence, 2, first, Cancellation)).ShouldBeFalse();
        (await _registry.RemoveBrokerAsync(fence with { ZkVersion = fence.ZkVersion + 1 }, 2, second, Cancellation)).ShouldBeFalse("another controller was elected");
        (await _registry.ReadBrokersAsync(null, Cancellation)).Select(b => b.BrokerEpoch).ShouldBe([second]);
    }

    [Fact]
    public async Task DeposeController_TakesOfficeAndRegistration_UnlessAnotherWasElected()
    {
        await using var other = await _database.Database.OpenSessionAsync(Cancellation);
        var otherRegistry = new ClusterRegistry(other, _database.Time);
        (await _registry.ReadIncumbentAsync(null, Cancellation)).ShouldBeNull();
        var brokerEpoch = (await otherRegistry.RegisterBrokerAsync(Broker(2), TimeSpan.Zero, Cancellation)).Value;
        var elected = await otherRegistry.ElectControllerAsync(2, Cancellation);
        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var incumbent = (await _registry.ReadIncumbentAsync(_ => gone.TrySetResult(), Cancellation)).ShouldNotBeNull();
        incumbent.ShouldBe(new ControllerIncumbent(2, elected.Fence!, brokerEpoch));

        (await _registry.DeposeControllerAsync(incumbent, Cancellation)).ShouldBeTrue();

        await gone.Task.WaitAsync(TimeSpan.FromSeconds(20), Cancellation);
        (await _registry.ReadControllerAsync(null, Cancellation)).ShouldBeNull();
        (await _registry.ReadBrokersAsync(null, Cancellation)).ShouldBeEmpty();
        await otherRegistry.ElectControllerAsync(2, Cancellation);
        (await _registry.DeposeControllerAsync(incumbent, Cancellation)).ShouldBeFalse();
        (await _registry.ReadControllerAsync(null, Cancellation)).ShouldBe(2);
    }

    [Fact]
    public async Task DeposeController_TakesALaterRegistrationToo_WhenItsSessionHoldsTheOffice()
    {
        await using var other = await _database.Database.OpenSessionAsync(Cancellation);
        var otherRegistry = new ClusterRegistry(other, _database.Time);
        await otherRegistry.ElectControllerAsync(2, Cancellation);
        var incumbent = (await _registry.ReadIncumbentAsync(null, Cancellation)).ShouldNotBeNull();
        incumbent.BrokerEpoch.ShouldBeNull();
        await otherRegistry.RegisterBrokerAsync(Broker(2), TimeSpan.Zero, Cancellation);

        (await _registry.DeposeControllerAsync(incumbent, Cancellation)).ShouldBeTrue();

        (await _registry.ReadBrokersAsync(null, Cancellation)).ShouldBeEmpty();
    }

    [Fact]
    public async Task WhenRegistered_Completes_WithTheRegistrationOfThisSession()
    {
        await using var other = await _database.Database.OpenSessionAsync(Cancellation);
        var otherRegistry = new ClusterRegistry(other, _database.Time);
        var earlier = (await otherRegistry.RegisterBrokerAsync(Broker(1), TimeSpan.Zero, Cancellation)).Value;
        var fence = (await otherRegistry.ElectControllerAsync(1, Cancellation)).Fence!;
        var registered = _registry.WhenRegisteredAsync(1, Cancellation);
        (await otherRegistry.RemoveBrokerAsync(fence, 1, earlier, Cancellation)).ShouldBeTrue();
        registered.IsCompleted.ShouldBeFalse();

        await _registry.RegisterBrokerAsync(Broker(1), TimeSpan.Zero, Cancellation);

        await registered.WaitAsync(TimeSpan.FromSeconds(20), Cancellation);
    }

    [Fact]
    public async Task ElectController_ReturnsTheSameElection_WhenTheSessionIsTheController()
    {
        var elected = await _registry.ElectControllerAsync(1, Cancellation);

        (await _registry.ElectControllerAsync(1, Cancellation)).ShouldBe(elected);
    }

    [Fact]
    public async Task Resign_MakesRoom_UnlessAnotherWasElected()
    {
        var first = await _registry.ElectControllerAsync(1, Cancellation);
        await _registry.ResignAsync(first.Fence!, Cancellation);
        var second = await _registry.ElectControllerAsync(1, Cancellation);

        await _registry.ResignAsync(first.Fence!, Cancellation);

        second.Fence!.ControllerEpoch.ShouldBe(2);
        (await _registry.ReadControllerAsync(null, Cancellation)).ShouldBe(1);
    }

    [Fact]
    public async Task AllocateProducerIdBlock_NeverOverlaps_WhenBrokersAskAtOnce()
    {
        var blocks = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => _registry.AllocateProducerIdBlockAsync(i, Cancellation)));

        var starts = blocks.Select(block => block.Value.First).Order().ToArray();
        starts.ShouldBe(Enumerable.Range(0, 20).Select(i => i * 1000L));
        blocks.ShouldAllBe(block => block.Value.Last == block.Value.First + 999);
    }

    [Fact]
    public async Task AllocateProducerIdBlock_Fails_WhenTheIdsAreUsedUp()
    {
        await _database.Session.SetDataAsync(
            ZNodes.ProducerIdBlock, ZNodePayload.WriteProducerIdBlock(new ProducerIdBlock(1, long.MaxValue - 1999, long.MaxValue - 1000)), -1, Cancellation);

        (await _registry.AllocateProducerIdBlockAsync(1, Cancellation)).Value.Last.ShouldBe(long.MaxValue);
        (await _registry.AllocateProducerIdBlockAsync(1, Cancellation)).Error.ShouldBe(ErrorCode.UnknownServerError);
    }

    private static BrokerRegistration Broker(int id)
        => new(id, [new BrokerEndpoint("PLAINTEXT", "PLAINTEXT", "127.0.0.1", 9092)], "127.0.0.1", 30000, null);
}
