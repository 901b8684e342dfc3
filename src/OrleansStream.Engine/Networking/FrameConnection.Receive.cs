using System.Buffers.Binary;
using System.Net.Sockets;
using Orleans.Runtime.Messaging;

namespace OrleansStream.Engine.Networking;

/// <content>Reading frames.</content>
internal sealed partial class FrameConnection
{
    private const int ReceiveBufferBytes = 64 * 1024;

    private async Task ReceiveAsync()
    {
        var buffer = GC.AllocateUninitializedArray<byte>(ReceiveBufferBytes, pinned: true);
        var start = 0;
        var end = 0;
        while (true)
        {
            // Whole frames in the buffer.
            int length;
            while ((length = NextLength(buffer, start, end)) >= 0 && end - start - LengthPrefixBytes >= length)
            {
                var frame = GC.AllocateUninitializedArray<byte>(length);
                buffer.AsSpan(start + LengthPrefixBytes, length).CopyTo(frame);
                start += LengthPrefixBytes + length;
                _handler.OnFrame(this, frame);
            }

            if (_handler.WhenReadyForMore(this) is { } ready)
            {
                await ready.ConfigureAwait(false);
            }

            if (length > buffer.Length / 2)
            {
                // A large frame: its beginning is copied, the rest comes straight from the socket into its own array.
                var frame = _options.PoolsLargeFrames ? new PooledFrame(length).Memory : GC.AllocateUninitializedArray<byte>(length);
                var available = end - start - LengthPrefixBytes;
                buffer.AsSpan(start + LengthPrefixBytes, available).CopyTo(frame.Span);
                start = end = 0;
                await ReceiveExactlyAsync(frame[available..]).ConfigureAwait(false);
                _handler.OnFrame(this, frame);
                continue;
            }

            if (start > 0)
            {
                buffer.AsSpan(start, end - start).CopyTo(buffer);
                end -= start;
                start = 0;
            }

            var received = await ReceiveSomeAsync(buffer.AsMemory(end)).ConfigureAwait(false);
            if (received == 0)
            {
                if (end > 0)
                {
                    throw new InvalidMessageFrameException($"The connection from {RemoteEndPoint} ended in the middle of a frame.");
                }

                return;
            }

            end += received;
        }
    }

    private async ValueTask ReceiveExactlyAsync(Memory<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            var received = await ReceiveSomeAsync(destination).ConfigureAwait(false);
            if (received == 0)
            {
                throw new InvalidMessageFrameException($"The connection from {RemoteEndPoint} ended in the middle of a frame.");
            }

            destination = destination[received..];
        }
    }

    private async ValueTask<int> ReceiveSomeAsync(Memory<byte> destination)
    {
        var received = await _socket.ReceiveAsync(destination, SocketFlags.None).ConfigureAwait(false);
        Volatile.Write(ref _receivedBytes, _receivedBytes + received);
        return received;
    }

    // The length of the frame that begins at start; -1 when the length is not all there.
    private int NextLength(byte[] buffer, int start, int end)
    {
        if (end - start < LengthPrefixBytes)
        {
            return -1;
        }

        var length = BinaryPrimitives.ReadUInt32LittleEndian(buffer.AsSpan(start));
        if (length == 0 || length > (uint)_options.MaxFrameBytes)
        {
            throw new InvalidMessageFrameException(
                $"{RemoteEndPoint} announced a frame of {length} bytes; a frame has 1 to {_options.MaxFrameBytes}. Is the peer a silo or client of this platform?");
        }

        return (int)length;
    }
}
