using System.Buffers;
using System.Buffers.Binary;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using OrleansStream.Gateway.Requests;
using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Gateway.Connections;

/// <content>From the handlers to the socket.</content>
internal sealed partial class KafkaConnection
{
    private const int StagingBytes = 64 * 1024;

    // Below this size a copy into the staging buffer is cheaper than a system call of its own.
    private const int OwnSendBytes = 16 * 1024;

    private bool _isBroken;

    private async Task SendAsync()
    {
        // Rented while there is something to send: an idle connection keeps none.
        byte[]? staging = null;
        var staged = 0;
        try
        {
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
                    if (response is not null && !_isBroken)
                    {
                        staging ??= ArrayPool<byte>.Shared.Rent(StagingBytes);
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
                    staged = 0;
                    Break(pending.Api, exception);
                }
                finally
                {
                    _memory.Release(pending.RequestBytes);
                    Volatile.Write(ref _lastActivity, _time.GetTimestamp());
                    Interlocked.Decrement(ref _inWork);
                }

                if (staged == 0 && staging is not null)
                {
                    ArrayPool<byte>.Shared.Return(staging);
                    staging = null;
                }
            }
        }
        finally
        {
            if (staging is not null)
            {
                ArrayPool<byte>.Shared.Return(staging);
            }
        }
    }

    /// <summary>After the first error the connection is closed; the rest of the responses is only waited for.</summary>
    private void Break(ApiDescriptor api, Exception exception)
    {
        if (!_isBroken)
        {
            _isBroken = true;
            LogBroken(api, exception);
            Abort();
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
        if (exception is UnansweredRequestException)
        {
            LogUnanswered(Client, exception.Message);
        }
        else if (exception is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            LogDisconnected(Client, exception.Message);
        }
        else
        {
            LogHandlerFailed(exception, api.Key, Client);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Closing {Client}: {Reason}")]
    private partial void LogUnanswered(ClientState client, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "A {ApiKey} request failed unexpectedly; closing {Client}")]
    private partial void LogHandlerFailed(Exception exception, ApiKey apiKey, ClientState client);
}
