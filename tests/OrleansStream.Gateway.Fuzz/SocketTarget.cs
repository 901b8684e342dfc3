using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansStream.Protocol.Fuzz;

namespace OrleansStream.Gateway.Fuzz;

/// <summary>
/// Sends requests to a listener: after each the connection either still answers a proper request or is closed, and another
/// connection is never disturbed. Some have a wrong length, some come in pieces.
/// </summary>
internal sealed class SocketTarget : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    // ApiVersions 0 with a correlation id that no mutated request has.
    private static readonly byte[] Probe = [0, 0, 0, 10, 0, 18, 0, 0, 0x5A, 0x5A, 0x5A, 0x5A, 0xFF, 0xFF];
    private static readonly byte[] ProbeId = [0x5A, 0x5A, 0x5A, 0x5A];

    private readonly ServiceProvider _services;
    private readonly KafkaGateway _gateway;
    private Socket? _socket;

    public SocketTarget()
    {
        var services = new ServiceCollection();
        services.AddSingleton(typeof(Microsoft.Extensions.Logging.ILogger<>), typeof(NullLogger<>));
        services.AddSingleton(AnsweringGrains.Create());
        services.AddKafkaGateway(options =>
        {
            options.BrokerId = 1;
            options.EndPoint = new IPEndPoint(IPAddress.Loopback, 0);
            options.SocketRequestMaxBytes = 1024 * 1024;
        });
        _services = services.BuildServiceProvider();
        _gateway = _services.GetRequiredService<KafkaGateway>();
    }

    /// <summary>The connections that were closed by the listener.</summary>
    public long Closed { get; private set; }

    public Task StartAsync() => _gateway.StartAsync(CancellationToken.None);

    /// <exception cref="TimeoutException">The connection is stuck.</exception>
    public async Task RunAsync(byte[] request, FuzzRandom random)
    {
        var length = random.OneIn(50) ? (int)random.NextUInt64() : request.Length;
        var bytes = new byte[sizeof(int) + request.Length + Probe.Length];
        BinaryPrimitives.WriteInt32BigEndian(bytes, length);
        request.CopyTo(bytes, sizeof(int));
        Probe.CopyTo(bytes, sizeof(int) + request.Length);
        if (_socket is null)
        {
            _socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await _socket.ConnectAsync(_gateway.LocalEndPoint!);
        }

        // With a length that is wrong but allowed the listener waits for the rest, as it should: it is told that nothing follows.
        var isFramed = length == request.Length && length > 0;
        if (!await TrySendAsync(bytes, random.OneIn(4) ? 1 + random.Next(bytes.Length) : bytes.Length, isFramed) || !await AnswersProbeAsync())
        {
            Closed++;
            _socket.Dispose();
            _socket = null;
        }
    }

    /// <summary>Stops the listener, which waits for its connections; returns how many did not end by themselves.</summary>
    public async Task<int> StopAsync()
    {
        _socket?.Dispose();
        await _gateway.StopAsync(CancellationToken.None);
        return _gateway.ConnectionCount;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _services.DisposeAsync();
    }

    private async Task<bool> TrySendAsync(byte[] bytes, int split, bool isFramed)
    {
        try
        {
            await _socket!.SendAsync(bytes.AsMemory(0, split));
            await _socket.SendAsync(bytes.AsMemory(split));
            if (!isFramed)
            {
                _socket.Shutdown(SocketShutdown.Send);
            }

            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private async Task<bool> AnswersProbeAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        var length = new byte[sizeof(int)];
        try
        {
            while (await ReceiveAsync(length, patience.Token))
            {
                var response = new byte[BinaryPrimitives.ReadInt32BigEndian(length)];
                if (!await ReceiveAsync(response, patience.Token))
                {
                    return false;
                }

                if (response.AsSpan().StartsWith(ProbeId))
                {
                    return true;
                }
            }
        }
        catch (SocketException)
        {
            // Closed with our bytes unread.
        }
        catch (OperationCanceledException exception)
        {
            throw new TimeoutException($"Neither an answer nor the end of the connection came within {Patience.TotalSeconds:0} s.", exception);
        }

        return false;
    }

    private async Task<bool> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (buffer.Length > 0)
        {
            var received = await _socket!.ReceiveAsync(buffer, cancellationToken);
            if (received == 0)
            {
                return false;
            }

            buffer = buffer[received..];
        }

        return true;
    }
}
