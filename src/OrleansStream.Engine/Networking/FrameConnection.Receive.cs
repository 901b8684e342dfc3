using System.Buffers.Binary;
using System.Globalization;
using System.Net.Sockets;
using Orleans.Runtime.Messaging;

namespace OrleansStream.Engine.Networking;

/// <content>Reading frames.</content>
internal sealed partial class FrameConnection
{
    private const int ReceiveBufferSize = 64 * 1024;
    private const int LengthSize = sizeof(uint);

    private async Task ReceiveAsync()
    {
        Exception? error = null;
        try
        {
            var buffer = GC.AllocateUninitializedArray<byte>(ReceiveBufferSize, pinned: true);
            var start = 0;
            var end = 0;
            while (true)
            {
                // Whole frames in the buffer.
                int length;
                while ((length = NextLength(buffer, start, end)) >= 0 && end - start - LengthSize >= length)
                {
                    var frame = GC.AllocateUninitializedArray<byte>(length);
                    buffer.AsSpan(start + LengthSize, length).CopyTo(frame);
                    start += LengthSize + length;
                    _handler.OnFrame(this, frame);
                }

                if (_pauseReadingWhenFull && _sender.IsFull)
                {
                    await _sender.WhenNotFullAsync().ConfigureAwait(false);
                }

                // A frame that does not fit: its beginning is copied, the rest received in place.
                if (length > buffer.Length - LengthSize)
                {
                    var frame = GC.AllocateUninitializedArray<byte>(length);
                    var have = end - start - LengthSize;
                    buffer.AsSpan(start + LengthSize, have).CopyTo(frame);
                    start = end = 0;
                    while (have < length)
                    {
                        var received = await _socket.ReceiveAsync(frame.AsMemory(have), SocketFlags.None).ConfigureAwait(false);
                        if (received == 0)
                        {
                            throw new InvalidMessageFrameException(Invariant($"{RemoteName} closed the connection after {have} of {length} bytes of a frame."));
                        }

                        have += received;
                        Volatile.Write(ref _receivedCount, _receivedCount + received);
                    }

                    _handler.OnFrame(this, frame);
                    continue;
                }

                if (start == end)
                {
                    start = end = 0;
                }
                else if (start > 0 && buffer.Length - start < LengthSize + Math.Max(length, 0) + 1)
                {
                    buffer.AsSpan(start, end - start).CopyTo(buffer);
                    end -= start;
                    start = 0;
                }

                var count = await _socket.ReceiveAsync(buffer.AsMemory(end), SocketFlags.None).ConfigureAwait(false);
                if (count == 0)
                {
                    if (start != end)
                    {
                        throw new InvalidMessageFrameException($"{RemoteName} closed the connection in the middle of a frame.");
                    }

                    break;
                }

                end += count;
                Volatile.Write(ref _receivedCount, _receivedCount + count);
            }
        }
        catch (Exception exception) when (IsClosed && exception is SocketException or ObjectDisposedException)
        {
            error = _closeError;
        }
        catch (Exception exception)
        {
            error = exception;
        }

        Abort(error);
        error ??= _closeError;
        try
        {
            _handler.OnClosed(this, error);
        }
        finally
        {
            _closed.TrySetResult();
        }
    }

    // The length of the frame that begins at start; -1 when the length is not all there.
    private int NextLength(byte[] buffer, int start, int end)
    {
        if (end - start < LengthSize)
        {
            return -1;
        }

        var length = BinaryPrimitives.ReadUInt32LittleEndian(buffer.AsSpan(start));
        if (length == 0 || length > (uint)_maxFrameLength)
        {
            throw new InvalidMessageFrameException(
                Invariant($"{RemoteName} sent a frame of {length} bytes; frames have 1 to {_maxFrameLength} (MaxMessageBodySize). It may not be an OrleansStream peer."));
        }

        return (int)length;
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
