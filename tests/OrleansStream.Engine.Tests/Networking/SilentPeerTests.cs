using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Runtime;
using OrleansStream.Engine.Messaging;
using OrleansStream.Engine.Networking;

namespace OrleansStream.Engine.Tests.Networking;

/// <summary>A peer that takes the connection and then says nothing more, as a stopped process or one behind a dead switch.</summary>
public sealed class SilentPeerTests : IAsyncLifetime
{
    private static readonly FrameConnectionOptions Options = new(1 << 20, 1 << 20);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly SiloAddress Silo = SiloAddress.New(new IPEndPoint(IPAddress.Loopback, 1), 1);

    private readonly ManualTimeProvider _time = new();
    private FrameListener _listener = null!;

    public ValueTask InitializeAsync()
    {
        _listener = FrameListener.Bind(new IPEndPoint(IPAddress.Loopback, 0), Options, _ => new Mute(), NullLogger.Instance);
        _listener.Start();
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => _listener.DisposeAsync();

    [Fact]
    public async Task Requests_FailAfterSeconds_WhenThePeerOwesAnAnswerAndIsSilent()
    {
        await using var connection = await ConnectAsync();
        var request = connection.RequestAsync(1, static _ => { }, TestContext.Current.CancellationToken);

        // What came with the handshake counts as a sign of life in the first interval.
        _time.Advance(4 * OutboundConnection.KeepAliveInterval);
        request.IsCompleted.ShouldBeFalse("a peer has three intervals to say something");
        _time.Advance(OutboundConnection.KeepAliveInterval);

        var failure = await Should.ThrowAsync<SiloUnavailableException>(() => request.WaitAsync(Limit, TestContext.Current.CancellationToken));
        failure.InnerException.ShouldBeOfType<Orleans.Runtime.Messaging.ConnectionFailedException>().Message.ShouldContain("silent");
        connection.IsClosed.ShouldBeTrue();
    }

    [Fact]
    public async Task Connection_StaysOpenLonger_WhenNothingIsAwaited()
    {
        await using var connection = await ConnectAsync();

        _time.Advance(14 * Second);
        connection.IsClosed.ShouldBeFalse("an idle peer is given more time");
        _time.Advance(3 * Second);
        connection.IsClosed.ShouldBeTrue("one that does not answer pings is gone");
    }

    private Task<OutboundConnection> ConnectAsync()
        => OutboundConnection.ConnectAsync(_listener.LocalEndPoint, new PeerIdentity("c", "client", null), Options, _time, TestContext.Current.CancellationToken);

    private sealed class Mute : IFrameHandler
    {
        public Task? WhenReadyForMore(FrameConnection connection) => null;

        public void OnFrame(FrameConnection connection, ReadOnlyMemory<byte> frame)
        {
            if ((FrameKind)frame.Span[0] == FrameKind.Hello)
            {
                connection.TrySendNow(Handshake.Welcome(new PeerIdentity("c", "silo", Silo), []));
            }
        }

        public void OnClosed(FrameConnection connection, Exception? error)
        {
        }
    }
}
