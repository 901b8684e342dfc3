using System.Buffers;
using System.Buffers.Binary;
using System.Net.Sockets;
using Orleans.Runtime.Messaging;

namespace Orleans.Networking;

/// <content>From the socket to the handler.</content>
internal sealed partial class FrameConnection
{
    private const int ReceiveBufferBytes = 64 * 1024;

    private async Task ReceiveAsync()
    {
        var buffer = ArrayPool<byte>.Shared.Rent(ReceiveBufferBytes);
        try
        {
            var count = 0;
            while (true)
            {
                var received = await _socket.ReceiveAsync(buffer.AsMemory(count), SocketFlags.None, _aborted.Token);
                if (received == 0)
                {
                    if (count > 0)
                    {
                        throw new InvalidMessageFrameException($"The connection from {RemoteEndPoint} ended in the middle of a frame.");
                    }

                    return;
                }

                count += received;
                var start = 0;
                while (count - start >= LengthPrefixBytes)
                {
                    var length = ReadLength(buffer.AsSpan(start, count - start));
                    var available = count - start - LengthPrefixBytes;
                    if (available >= length)
                    {
                        Deliver(buffer.AsSpan(start + LengthPrefixBytes, length).ToArray());
                        start += LengthPrefixBytes + length;
                    }
                    else if (length > buffer.Length / 2)
                    {
                        // A large frame: the rest of it comes straight from the socket into its own array.
                        var frame = GC.AllocateUninitializedArray<byte>(length);
                        buffer.AsSpan(start + LengthPrefixBytes, available).CopyTo(frame);
                        await ReceiveExactlyAsync(frame.AsMemory(available));
                        Deliver(frame);
                        start = count;
                    }
                    else
                    {
                        break;
                    }
                }

                count -= start;
                if (count > 0 && start > 0)
                {
                    buffer.AsSpan(start, count).CopyTo(buffer);
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private void Deliver(byte[] frame) => _handler.OnFrame(this, frame);

    private int ReadLength(ReadOnlySpan<byte> buffer)
    {
        var length = BinaryPrimitives.ReadUInt32LittleEndian(buffer);
        if (length == 0 || length > (uint)_options.MaxFrameBytes)
        {
            throw new InvalidMessageFrameException(
                $"{RemoteEndPoint} announced a frame of {length} bytes; a frame has 1 to {_options.MaxFrameBytes}. Is the peer a silo or client of this platform?");
        }

        return (int)length;
    }

    private async ValueTask ReceiveExactlyAsync(Memory<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            var received = await _socket.ReceiveAsync(destination, SocketFlags.None, _aborted.Token);
            if (received == 0)
            {
                throw new InvalidMessageFrameException($"The connection from {RemoteEndPoint} ended in the middle of a frame.");
            }

            destination = destination[received..];
        }
    }
}
