using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Runtime.Messaging;
using OrleansStream.Engine.CodeGeneration;
using OrleansStream.Engine.Networking;

namespace OrleansStream.Engine.Tests.Networking;

public sealed class FrameConnectionTests : IAsyncLifetime
{
    private static readonly FrameConnectionOptions Options = new(16 * 1024 * 1024, 4 * 1024 * 1024) { PoolsLargeFrames = true };
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly Recorder _serverSide = new();
    private readonly Recorder _clientSide = new();
    private FrameListener _listener = null!;

    public ValueTask InitializeAsync()
    {
        _listener = FrameListener.Bind(new IPEndPoint(IPAddress.Loopback, 0), Options, _serverSide.Accept, NullLogger.Instance);
        _listener.Start();
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => _listener.DisposeAsync();

    [Theory]
    [InlineData(1)]
    [InlineData(4095)]
    [InlineData(4096)]
    [InlineData(32 * 1024)]
    [InlineData(64 * 1024)]
    [InlineData(64 * 1024 + 1)]
    [InlineData(5 * 1024 * 1024)]
    public async Task SendAsync_DeliversTheSameBytesInOrder_WhateverTheSize(int payloadBytes)
    {
        await using var client = await ConnectAsync();
        var payload = new byte[payloadBytes];
        Random.Shared.NextBytes(payload);
        for (var number = 0; number < 20; number++)
        {
            await client.SendAsync(Message(number, payload), TestContext.Current.CancellationToken);
        }

        for (var number = 0; number < 20; number++)
        {
            var frame = await _serverSide.NextFrameAsync();
            BinaryPrimitives.ReadInt32LittleEndian(frame.Span).ShouldBe(number);
            frame[^payloadBytes..].Span.SequenceEqual(payload).ShouldBeTrue();
        }
    }

    [Fact]
    public async Task DisposeAsync_SendsWhatIsQueued_BeforeItCloses()
    {
        var client = await ConnectAsync();
        for (var number = 0; number < 500; number++)
        {
            client.TrySend(Message(number, new byte[100])).ShouldBeTrue();
        }

        await client.DisposeAsync();

        for (var number = 0; number < 500; number++)
        {
            BinaryPrimitives.ReadInt32LittleEndian((await _serverSide.NextFrameAsync()).Span).ShouldBe(number);
        }

        (await _serverSide.ClosedAsync()).ShouldBeNull();
    }

    [Fact]
    public async Task SendAsync_WaitsForRoom_WhenThePeerDoesNotRead()
    {
        using var deaf = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        deaf.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        deaf.Listen();
        var client = await FrameConnector.ConnectAsync(
            (IPEndPoint)deaf.LocalEndPoint!, Options with { DrainTimeout = TimeSpan.Zero }, _clientSide, TestContext.Current.CancellationToken);
        var payload = new byte[1024 * 1024];
        var messages = Enumerable.Range(0, 200).Select(number => Message(number, payload)).ToArray();

        var sends = messages.Select(message => client.SendAsync(message, TestContext.Current.CancellationToken).AsTask()).ToArray();
        client.TrySend(messages[^1]).ShouldBeFalse("others wait for room already");
        await client.DisposeAsync();

        var outcomes = sends.Select(async send => await Record.ExceptionAsync(() => send.WaitAsync(Limit, TestContext.Current.CancellationToken)));
        var errors = (await Task.WhenAll(outcomes)).Where(error => error is not null).ToArray();

        // The queue's 4 MiB and what the two socket buffers take, not everything.
        errors.Length.ShouldBeGreaterThan(100);
        errors.ShouldAllBe(error => error is ConnectionFailedException);
    }

    [Fact]
    public async Task OnClosed_NamesTheLength_WhenAFrameIsTooLarge()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(_listener.LocalEndPoint, TestContext.Current.CancellationToken);
        await socket.SendAsync("GET / HTTP/1.1\r\n\r\n"u8.ToArray(), SocketFlags.None, TestContext.Current.CancellationToken);

        var error = await _serverSide.ClosedAsync();

        error.ShouldBeOfType<InvalidMessageFrameException>().Message.ShouldContain("542393671");
    }

    [Fact]
    public async Task OnClosed_ReportsTheCutFrame_WhenThePeerEndsInItsMiddle()
    {
        using (var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))
        {
            await socket.ConnectAsync(_listener.LocalEndPoint, TestContext.Current.CancellationToken);
            await socket.SendAsync(new byte[] { 9, 0, 0, 0, 1, 2 }, SocketFlags.None, TestContext.Current.CancellationToken);
            socket.Shutdown(SocketShutdown.Send);
            (await _serverSide.ClosedAsync()).ShouldBeOfType<InvalidMessageFrameException>();
        }
    }

    [Fact]
    public async Task SendAsync_Refuses_WhenTheMessageIsLargerThanAFrame()
    {
        await using var client = await ConnectAsync();
        var message = Message(0, new byte[Options.MaxFrameBytes]);

        await Should.ThrowAsync<InvalidMessageFrameException>(
            client.SendAsync(message, TestContext.Current.CancellationToken).AsTask());
        message.Finish();
    }

    [Fact]
    public async Task ConnectAsync_NamesTheAddress_WhenNobodyListens()
    {
        var address = _listener.LocalEndPoint;
        await _listener.DisposeAsync();

        var error = await Should.ThrowAsync<ConnectionFailedException>(ConnectAsync());

        error.Message.ShouldContain(address.ToString());
    }

    private Task<FrameConnection> ConnectAsync()
        => FrameConnector.ConnectAsync(_listener.LocalEndPoint, Options, _clientSide, TestContext.Current.CancellationToken);

    private static OutgoingFrame Message(int number, byte[] payload)
    {
        var message = MessageWriter.Rent();
        message.ReserveFixed32();
        message.WriteFixed32((uint)number);
        message.WriteMemory(payload);
        return new OutgoingFrame(message);
    }

    private sealed class Recorder : IFrameHandler
    {
        private readonly Channel<ReadOnlyMemory<byte>> _frames = Channel.CreateUnbounded<ReadOnlyMemory<byte>>();
        private readonly TaskCompletionSource<Exception?> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public IFrameHandler Accept(FrameConnection connection) => this;

        public Task? WhenReadyForMore(FrameConnection connection) => null;

        public void OnFrame(FrameConnection connection, ReadOnlyMemory<byte> frame) => _frames.Writer.TryWrite(frame).ShouldBeTrue();

        public void OnClosed(FrameConnection connection, Exception? error) => _closed.TrySetResult(error);

        public async Task<ReadOnlyMemory<byte>> NextFrameAsync()
            => await _frames.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Limit);

        public Task<Exception?> ClosedAsync() => _closed.Task.WaitAsync(Limit);
    }
}
