using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net.Sockets;
using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Broker.Benchmarks.Groups;

/// <summary>A connection over which many requests are under way, as a Kafka client has it.</summary>
internal sealed class KafkaConnection : IDisposable
{
    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly ConcurrentDictionary<int, TaskCompletionSource<byte[]>> _waiting = new();
    private readonly SemaphoreSlim _sending = new(1);
    private int _lastCorrelationId;

    public static async Task<KafkaConnection> ConnectAsync(string host, int port)
    {
        var connection = new KafkaConnection();
        await connection._socket.ConnectAsync(host, port);
        _ = connection.ReceiveAsync();
        return connection;
    }

    public async Task<TResponse> CallAsync<TRequest, TResponse>(TRequest request, short version)
        where TRequest : IKafkaRequest<TRequest>
        where TResponse : IKafkaResponse<TResponse>
    {
        var correlationId = Interlocked.Increment(ref _lastCorrelationId);
        var answer = new TaskCompletionSource<byte[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting[correlationId] = answer;
        var frame = Frame(request, version, correlationId);
        await _sending.WaitAsync();
        try
        {
            for (var sent = 0; sent < frame.Length;)
            {
                sent += await _socket.SendAsync(frame.AsMemory(sent));
            }
        }
        finally
        {
            _sending.Release();
        }

        return Read<TResponse>(await answer.Task, version);
    }

    public void Dispose()
    {
        _socket.Dispose();
        _sending.Dispose();
    }

    private static byte[] Frame<TRequest>(TRequest request, short version, int correlationId)
        where TRequest : IKafkaRequest<TRequest>
    {
        using var writer = new KafkaWriter();
        writer.WriteInt32(0);
        writer.WriteInt16((short)TRequest.ApiKey);
        writer.WriteInt16(version);
        writer.WriteInt32(correlationId);
        writer.WriteNullableString("benchmark", flexible: false);
        if (KafkaApis.Find((short)TRequest.ApiKey)!.RequestHeaderVersion(version) >= 2)
        {
            writer.WriteUnsignedVarInt(0);
        }

        request.Write(writer, version);
        var frame = writer.ToArray();
        BinaryPrimitives.WriteInt32BigEndian(frame, frame.Length - sizeof(int));
        return frame;
    }

    private static TResponse Read<TResponse>(byte[] frame, short version)
        where TResponse : IKafkaResponse<TResponse>
    {
        var reader = new KafkaReader(frame);
        reader.ReadInt32();
        if (KafkaApis.Find((short)TResponse.ApiKey)!.ResponseHeaderVersion(version) >= 1)
        {
            reader.SkipTaggedFields();
        }

        return TResponse.Read(ref reader, version);
    }

    private async Task ReceiveAsync()
    {
        try
        {
            using var stream = new BufferedStream(new NetworkStream(_socket), 64 * 1024);
            var length = new byte[sizeof(int)];
            while (true)
            {
                await stream.ReadExactlyAsync(length);
                var frame = new byte[BinaryPrimitives.ReadInt32BigEndian(length)];
                await stream.ReadExactlyAsync(frame);
                if (_waiting.TryRemove(BinaryPrimitives.ReadInt32BigEndian(frame), out var answer))
                {
                    answer.SetResult(frame);
                }
            }
        }
        catch (Exception exception) when (exception is IOException or SocketException or ObjectDisposedException)
        {
            foreach (var answer in _waiting.Values)
            {
                answer.TrySetException(exception);
            }
        }
    }
}
