using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Configuration;
using Orleans.Messaging;
using Orleans.Runtime;
using OrleansStream.Engine.Client;
using OrleansStream.Engine.Messaging;
using OrleansStream.Engine.Networking;
using OrleansStream.Engine.Tests.Grains;

namespace OrleansStream.Engine.Tests.Client;

/// <summary>A client never gives a listed gateway up, whatever it met there.</summary>
public sealed class GatewayPoolTests
{
    private static readonly FrameConnectionOptions Options = new(1024 * 1024, 1024 * 1024);

    [Fact]
    public async Task KeepConnected_TriesAGatewayAgain_WhenItsFirstAnswerMadeNoSense()
    {
        var good = new Peer(nonsense: 0);
        var confused = new Peer(nonsense: 2);
        await using var first = good.Listen();
        await using var second = confused.Listen();
        await using var pool = new GatewayPool(
            new ListedGateways(first.LocalEndPoint, second.LocalEndPoint),
            new PeerIdentity("test", "client", null),
            Options,
            new ConnectionOptions { ConnectionRetryDelay = TimeSpan.FromMilliseconds(50) },
            new ClientManifest(),
            TimeProvider.System,
            NullLogger<GatewayPool>.Instance);

        await pool.ConnectAsync(TestContext.Current.CancellationToken).WaitAsync(TestGates.Limit, TestContext.Current.CancellationToken);

        (await confused.Welcomed.Task.WaitAsync(TestGates.Limit, TestContext.Current.CancellationToken)).ShouldBe(3, "connections until the answer made sense");
    }

    /// <summary>A gateway that answers its first hellos with the beginning of a welcome, and the next ones rightly.</summary>
    private sealed class Peer(int nonsense) : IFrameHandler
    {
        private int _connections;

        public TaskCompletionSource<int> Welcomed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public FrameListener Listen()
        {
            var listener = FrameListener.Bind(new IPEndPoint(IPAddress.Loopback, 0), Options, _ => this, NullLogger.Instance);
            listener.Start();
            return listener;
        }

        Task? IFrameHandler.WhenReadyForMore(FrameConnection connection) => null;

        void IFrameHandler.OnFrame(FrameConnection connection, ReadOnlyMemory<byte> frame)
        {
            var number = Interlocked.Increment(ref _connections);
            if (number <= nonsense)
            {
                connection.TrySendNow(new OutgoingFrame(OutgoingFrame.Begin(FrameKind.Welcome)));
                return;
            }

            var silo = SiloAddress.New(new IPEndPoint(IPAddress.Loopback, 1), 1);
            connection.TrySendNow(Handshake.Welcome(new PeerIdentity("test", "silo", silo), []));
            Welcomed.TrySetResult(number);
        }

        void IFrameHandler.OnClosed(FrameConnection connection, Exception? error)
        {
        }
    }

    private sealed class ListedGateways(params IPEndPoint[] endPoints) : IGatewayListProvider
    {
        public TimeSpan MaxStaleness => TimeSpan.FromMinutes(1);

        [Obsolete("As in the contract.")]
        public bool IsUpdatable => true;

        public Task<IList<Uri>> GetGateways()
            => Task.FromResult<IList<Uri>>([.. endPoints.Select(endPoint => new Uri($"gwy.tcp://{endPoint}/0"))]);

        public Task InitializeGatewayListProvider() => Task.CompletedTask;
    }
}
