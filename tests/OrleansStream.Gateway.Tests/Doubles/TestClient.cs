using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Gateway.Tests.Doubles;

/// <summary>A Kafka client that does just what a test says, down to the bytes.</summary>
internal sealed class TestClient : IDisposable
{
    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private int _lastCorrelationId;

    public static async Task<TestClient> ConnectAsync(IPEndPoint endPoint)
    {
        var client = new TestClient();
        await client._socket.ConnectAsync(endPoint);
        return client;
    }

    /// <summary>A request with its length, header and body.</summary>
    public static byte[] Frame<TRequest>(TRequest request, short version, int correlationId)
        where TRequest : IKafkaRequest<TRequest>
    {
        using var writer = new KafkaWriter();
        writer.WriteInt16((short)TRequest.ApiKey);
        writer.WriteInt16(version);
        writer.WriteInt32(correlationId);
        writer.WriteNullableString("tests", flexible: false);
        if (KafkaApis.Find((short)TRequest.ApiKey)!.RequestHeaderVersion(version) >= 2)
        {
            writer.WriteUnsignedVarInt(0);
        }

        request.Write(writer, version);
        return WithLength(writer.ToArray());
    }

    public static byte[] WithLength(ReadOnlySpan<byte> body)
    {
        var frame = new byte[sizeof(int) + body.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, body.Length);
        body.CopyTo(frame.AsSpan(sizeof(int)));
        return frame;
    }

    public async Task SendBytesAsync(ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            bytes = bytes[await _socket.SendAsync(bytes)..];
        }
    }

    /// <summary>Sends a request and returns its correlation id.</summary>
    public async Task<int> SendAsync<TRequest>(TRequest request, short version)
        where TRequest : IKafkaRequest<TRequest>
    {
        var correlationId = ++_lastCorrelationId;
        await SendBytesAsync(Frame(request, version, correlationId));
        return correlationId;
    }

    /// <summary>The next response; fails if it is not the one to the request with this correlation id.</summary>
    public async Task<TResponse> ReceiveAsync<TResponse>(int correlationId, short version)
        where TResponse : IKafkaResponse<TResponse>
    {
        var frame = (await ReceiveFrameAsync()).ShouldNotBeNull($"the connection ended instead of the response {correlationId}");
        return Read<TResponse>(frame, correlationId, version);
    }

    public async Task<TResponse> CallAsync<TRequest, TResponse>(TRequest request, short version)
        where TRequest : IKafkaRequest<TRequest>
        where TResponse : IKafkaResponse<TResponse>
        => await ReceiveAsync<TResponse>(await SendAsync(request, version), version);

    /// <summary>The next response's bytes without its length; null when the broker has closed the connection.</summary>
    public async Task<byte[]?> ReceiveFrameAsync()
    {
        if (await ReceiveExactlyAsync(sizeof(int)) is not { } length)
        {
            return null;
        }

        return await ReceiveExactlyAsync(BinaryPrimitives.ReadInt32BigEndian(length));
    }

    /// <summary>Waits until the broker closes the connection, and fails if it sends anything before.</summary>
    public async Task ShouldBeClosedAsync() => (await ReceiveFrameAsync()).ShouldBeNull();

    public void Dispose() => _socket.Dispose();

    private static TResponse Read<TResponse>(byte[] frame, int correlationId, short version)
        where TResponse : IKafkaResponse<TResponse>
    {
        var reader = new KafkaReader(frame);
        reader.ReadInt32().ShouldBe(correlationId);
        if (KafkaApis.Find((short)TResponse.ApiKey)!.ResponseHeaderVersion(version) >= 1)
        {
            reader.SkipTaggedFields();
        }

        var response = TResponse.Read(ref reader, version);
        reader.Remaining.ShouldBe(0);
        return response;
    }

    private async Task<byte[]?> ReceiveExactlyAsync(int count)
    {
        var buffer = new byte[count];
        for (var filled = 0; filled < count;)
        {
            int received;
            try
            {
                received = await Expect.WithinAsync(_socket.ReceiveAsync(buffer.AsMemory(filled)).AsTask(), $"{count - filled} more bytes of a response, or the end of the connection");
            }
            catch (SocketException exception) when (exception.SocketErrorCode == SocketError.ConnectionReset)
            {
                received = 0;
            }

            if (received == 0)
            {
                filled.ShouldBe(0, "the connection ended within a response");
                return null;
            }

            filled += received;
        }

        return buffer;
    }
}
