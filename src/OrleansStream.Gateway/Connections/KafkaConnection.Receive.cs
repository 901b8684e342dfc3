using System.Buffers;
using System.Buffers.Binary;
using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Gateway.Connections;

/// <content>From the socket to the dispatcher.</content>
internal sealed partial class KafkaConnection
{
    // A connection begins with a small buffer, which is all that an idle one needs, and gets a large one when it fills that.
    private const int FirstReceiveBufferBytes = 4 * 1024;
    private const int ReceiveBufferBytes = 64 * 1024;
    private const int LengthPrefixBytes = sizeof(int);

    private async Task ReceiveAsync()
    {
        var buffer = ArrayPool<byte>.Shared.Rent(FirstReceiveBufferBytes);
        try
        {
            var count = 0;
            while (true)
            {
                await WhenNotMutedAsync();
                var received = await _stream.ReadAsync(buffer.AsMemory(count), _stopReading.Token);
                if (received == 0)
                {
                    return;
                }

                Volatile.Write(ref _lastActivity, _time.GetTimestamp());
                count += received;
                var start = 0;
                while (count - start >= LengthPrefixBytes)
                {
                    var length = ReadLength(buffer.AsSpan(start));
                    var available = Math.Min(count - start - LengthPrefixBytes, length);
                    if (available < length && length <= buffer.Length / 2)
                    {
                        break;
                    }

                    await WhenNotMutedAsync();
                    await _memory.AcquireAsync(length, _stopReading.Token);
                    var frame = await ReadFrameAsync(buffer.AsMemory(start + LengthPrefixBytes, available), length);
                    start += LengthPrefixBytes + available;
                    await DispatchAsync(frame);
                }

                var wasFull = count == buffer.Length;
                count -= start;
                buffer.AsSpan(start, count).CopyTo(buffer);
                if (wasFull && buffer.Length < ReceiveBufferBytes)
                {
                    var larger = ArrayPool<byte>.Shared.Rent(ReceiveBufferBytes);
                    buffer.AsSpan(0, count).CopyTo(larger);
                    ArrayPool<byte>.Shared.Return(buffer);
                    buffer = larger;
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>While a client is held up for its quota, its requests stay where they are (KIP-219).</summary>
    private async ValueTask WhenNotMutedAsync()
    {
        while (Client.SinceMuted(_time) is var since && since < TimeSpan.Zero)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(Math.Ceiling(-since.TotalMilliseconds)), _time, _stopReading.Token);
        }
    }

    private int ReadLength(ReadOnlySpan<byte> buffer)
    {
        var length = BinaryPrimitives.ReadInt32BigEndian(buffer);
        return length > 0 && length <= _options.SocketRequestMaxBytes
            ? length
            : throw new KafkaProtocolException($"a request of {length} bytes was announced; socket.request.max.bytes is {_options.SocketRequestMaxBytes}.");
    }

    /// <summary>The whole request in an array of its own: record batches stay slices of it on their way to the log.</summary>
    private async ValueTask<byte[]> ReadFrameAsync(ReadOnlyMemory<byte> available, int length)
    {
        var frame = GC.AllocateUninitializedArray<byte>(length);
        try
        {
            available.CopyTo(frame);
            if (available.Length < length)
            {
                await _stream.ReadExactlyAsync(frame.AsMemory(available.Length), _stopReading.Token);
            }

            return frame;
        }
        catch
        {
            _memory.Release(length);
            throw;
        }
    }

    private async ValueTask DispatchAsync(byte[] frame)
    {
        Requests.PendingResponse pending;
        Interlocked.Increment(ref _inWork);
        try
        {
            pending = _dispatcher.Dispatch(frame, Client, _aborted.Token, _stopReading.Token) with { RequestBytes = frame.Length };
        }
        catch
        {
            Interlocked.Decrement(ref _inWork);
            _memory.Release(frame.Length);
            throw;
        }

        await _responses.Writer.WriteAsync(pending, CancellationToken.None);
    }
}
