using System.Buffers;
using System.Buffers.Binary;
using System.Net.Sockets;
using OrleansStream.Gateway.Requests;
using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Gateway.Connections;

/// <content>From the handlers to the socket.</content>
internal sealed partial class KafkaConnection
{
    private const int StagingBytes = 64 * 1024;

    // Below this size a copy into the staging buffer is cheaper than a system call of its own.
    private const int OwnSendBytes = 16 * 1024;

    private async Task SendAsync()
    {
        var staging = ArrayPool<byte>.Shared.Rent(StagingBytes);
        var broken = false;
        try
        {
            var staged = 0;
            await foreach (var pending in _responses.Reader.ReadAllAsync())
            {
                try
                {
                    if (staged > 0 && !pending.Response.IsCompleted)
                    {
                        await WriteAsync(staging.AsMemory(0, staged));
                        staged = 0;
                    }

                    var response = await pending.Response;
                    if (response is not null && !broken)
                    {
                        staged = await StageAsync(staging, staged, pending, response);
                    }

                    if (staged > 0 && _responses.Reader.Count == 0)
                    {
                        await WriteAsync(staging.AsMemory(0, staged));
                        staged = 0;
                    }
                }
                catch (Exception exception)
                {
                    // The rest of the responses is only waited for.
                    staged = 0;
                    if (!broken)
                    {
                        broken = true;
                        LogBroken(pending.Api, exception);
                        Abort();
                    }
                }
                finally
                {
                    _memory.Release(pending.RequestBytes);
                    Volatile.Write(ref _lastActivity, _time.GetTimestamp());
                    Interlocked.Decrement(ref _inWork);
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(staging);
        }
    }

    private async ValueTask<int> StageAsync(byte[] staging, int staged, PendingResponse pending, IKafkaMessage response)
    {
        using var writer = new KafkaWriter();
        pending.Write(writer, response);
        if (writer.Length > int.MaxValue)
        {
            throw new InvalidOperationException($"A {pending.Api.Key} response of {writer.Length} bytes cannot be sent.");
        }

        if (staging.Length - staged < LengthPrefixBytes)
        {
            await WriteAsync(staging.AsMemory(0, staged));
            staged = 0;
        }

        BinaryPrimitives.WriteInt32BigEndian(staging.AsSpan(staged), (int)writer.Length);
        staged += LengthPrefixBytes;
        foreach (var segment in writer.Segments())
        {
            if (staged > 0 && (segment.Length >= OwnSendBytes || segment.Length > staging.Length - staged))
            {
                await WriteAsync(staging.AsMemory(0, staged));
                staged = 0;
            }

            if (segment.Length >= OwnSendBytes)
            {
                await WriteAsync(segment);
            }
            else
            {
                segment.CopyTo(staging.AsMemory(staged));
                staged += segment.Length;
            }
        }

        return staged;
    }

    private ValueTask WriteAsync(ReadOnlyMemory<byte> bytes) => _stream.WriteAsync(bytes, _aborted.Token);

    private void LogBroken(ApiDescriptor api, Exception exception)
    {
        if (exception is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            LogDisconnected(Client, exception.Message);
        }
        else
        {
            LogHandlerFailed(exception, api.Key, Client);
        }
    }

    [Microsoft.Extensions.Logging.LoggerMessage(Level = Microsoft.Extensions.Logging.LogLevel.Error, Message = "A {ApiKey} request failed unexpectedly; closing {Client}")]
    private partial void LogHandlerFailed(Exception exception, ApiKey apiKey, ClientState client);
}
