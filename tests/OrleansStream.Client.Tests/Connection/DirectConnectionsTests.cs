using System.Net;
using Microsoft.Extensions.Hosting;
using NSubstitute;
using Orleans;
using Orleans.Runtime;
using OrleansStream.Abstractions;

namespace OrleansStream.Client.Tests.Connection;

/// <summary>The ways to single brokers, and what is done while one does not work.</summary>
public sealed class DirectConnectionsTests : IAsyncDisposable
{
    private static readonly BrokerMetadata Broker = new(7, "10.0.0.7", 9092, 30000, null, 1);

    private readonly ManualTime _time = new();
    private readonly FakeCluster _cluster = new();
    private readonly List<IPEndPoint> _started = [];
    private readonly List<IHost> _stopped = [];
    private readonly DirectConnections _direct;
    private bool _isReachable = true;

    public DirectConnectionsTests()
        => _direct = new DirectConnections(
            (endPoint, _) =>
            {
                _started.Add(endPoint);
                return _isReachable
                    ? Task.FromResult((Substitute.For<IHost>(), _cluster.Factory))
                    : Task.FromException<(IHost, IGrainFactory)>(new SiloUnavailableException("nobody answers"));
            },
            host =>
            {
                _stopped.Add(host);
                return Task.CompletedTask;
            },
            _time);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _direct.DisposeAsync();

    [Fact]
    public async Task TryGetAsync_ConnectsOnce_WhenTheBrokerIsKnown()
    {
        (await _direct.TryGetAsync(7, Cancellation)).ShouldBeNull("nobody has said yet where the broker is");
        _direct.Learn([Broker]);

        (await _direct.TryGetAsync(7, Cancellation)).ShouldBe(_cluster.Factory);
        (await _direct.TryGetAsync(7, Cancellation)).ShouldBe(_cluster.Factory);

        _started.ShouldBe([new IPEndPoint(IPAddress.Parse("10.0.0.7"), 30000)]);
        _direct.Connected.ShouldBe([7]);
    }

    [Fact]
    public async Task TryGetAsync_LeavesItToTheOthersAndTriesAgain_WhenTheBrokerCannotBeReached()
    {
        _isReachable = false;
        _direct.Learn([Broker]);
        (await _direct.TryGetAsync(7, Cancellation)).ShouldBeNull();
        (await _direct.TryGetAsync(7, Cancellation)).ShouldBeNull();
        _started.Count.ShouldBe(1, "not with every call");

        _isReachable = true;
        var version = _direct.Version;
        _time.Advance(TimeSpan.FromMinutes(1));
        (await _direct.TryGetAsync(7, Cancellation)).ShouldBeNull("nobody waits for another try");
        await Expect.Until(() => _direct.Version > version, "the connection has come up");

        (await _direct.TryGetAsync(7, Cancellation)).ShouldBe(_cluster.Factory);
    }

    [Fact]
    public async Task TryGetAsync_WaitsForAnAnswer_WhenTheConnectionHasFailed()
    {
        _direct.Learn([Broker]);
        await _direct.TryGetAsync(7, Cancellation);
        _cluster.OnMetadata = _ => new SiloUnavailableException("still away");

        _direct.Failed(7);
        (await _direct.TryGetAsync(7, Cancellation)).ShouldBeNull();
        _time.Advance(TimeSpan.FromMinutes(1));
        await _direct.TryGetAsync(7, Cancellation);
        await Expect.Until(() => _cluster.MetadataRequests.Count == 1, "the broker is asked");
        _direct.Connected.ShouldBeEmpty();

        _cluster.OnMetadata = null;
        await Expect.Until(
            () =>
            {
                _time.Advance(TimeSpan.FromMinutes(1));
                return _direct.TryGetAsync(7, Cancellation).AsTask().IsCompleted && _direct.Connected.Count == 1;
            },
            "the broker answers again");
        _started.Count.ShouldBe(1, "the client of before connects again by itself");
    }

    [Fact]
    public async Task Learn_MakesAnotherConnection_WhenABrokerHasMoved()
    {
        _direct.Learn([Broker]);
        await _direct.TryGetAsync(7, Cancellation);

        _direct.Learn([Broker with { Host = "10.0.0.8" }, new BrokerMetadata(8, "by-name.example", 9092, 30000, null, 1), new BrokerMetadata(9, "10.0.0.9", 9092, 0, null, 1)]);
        await _direct.TryGetAsync(7, Cancellation);

        _started.Select(endPoint => endPoint.Address.ToString()).ShouldBe(["10.0.0.7", "10.0.0.8"]);
        _stopped.Count.ShouldBe(1);
        (await _direct.TryGetAsync(8, Cancellation)).ShouldBeNull("a name may mean another address here");
        (await _direct.TryGetAsync(9, Cancellation)).ShouldBeNull("it has no gateway");
    }
}
