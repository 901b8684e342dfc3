using System.Buffers;
using System.Buffers.Binary;
using System.Net.Sockets;
using Orleans.Runtime.Messaging;
using OrleansStream.Engine.CodeGeneration;

namespace Orleans.Networking;

/// <content>
/// From the callers to the socket. Messages wait in a bounded queue; one pump at a time, on the thread pool, gathers
/// the small ones into one buffer and sends large segments from where they are. An idle connection has no pump.
/// </content>
internal sealed partial class FrameConnection : IThreadPoolWorkItem
{
    private const int StagingBytes = 128 * 1024;

    // Below this size a copy into the staging buffer is cheaper than a system call of its own.
    private const int OwnSendBytes = 32 * 1024;

    private readonly Queue<QueuedMessage> _queue = new();
    private readonly Queue<TaskCompletionSource> _waitingForRoom = new();
    private long _queuedBytes;
    private bool _pumping;
    private TaskCompletionSource? _drained;

    /// <summary>
    /// Queues a message, whose writer the connection now owns. False, with the ownership left to the caller, when the
    /// connection is closed or the queue is full.
    /// </summary>
    /// <exception cref="InvalidMessageFrameException">The message is larger than a frame may be; the caller keeps the writer.</exception>
    public bool TrySend(MessageWriter message)
    {
        var length = CheckedLength(message);
        lock (_lock)
        {
            if (_closing || _waitingForRoom.Count > 0 || !HasRoom(length))
            {
                return false;
            }

            Enqueue(message, length);
            return true;
        }
    }

    /// <summary>Queues a message as soon as there is room; callers get room in the order in which they asked.</summary>
    /// <exception cref="ConnectionFailedException">The connection is closed; the caller keeps the writer.</exception>
    public async ValueTask SendAsync(MessageWriter message, CancellationToken cancellationToken)
    {
        var length = CheckedLength(message);
        while (true)
        {
            TaskCompletionSource room;
            lock (_lock)
            {
                if (_closing)
                {
                    throw new ConnectionFailedException($"The connection to {RemoteEndPoint} is closed.");
                }

                if (HasRoom(length))
                {
                    Enqueue(message, length);
                    return;
                }

                room = new(TaskCreationOptions.RunContinuationsAsynchronously);
                _waitingForRoom.Enqueue(room);
            }

            await room.Task.WaitAsync(cancellationToken);
        }
    }

    void IThreadPoolWorkItem.Execute() => _ = PumpAsync();

    private int CheckedLength(MessageWriter message)
    {
        var length = message.Length;
        return length > 0 && length <= _options.MaxFrameBytes
            ? length
            : throw new InvalidMessageFrameException($"A message of {length} bytes cannot be sent to {RemoteEndPoint}; a frame has 1 to {_options.MaxFrameBytes}.");
    }

    private bool HasRoom(int length)
        => _queue.Count == 0
            || (_queue.Count < _options.MaxQueuedMessages && _queuedBytes + length <= _options.MaxQueuedBytes);

    private void Enqueue(MessageWriter message, int length)
    {
        _queue.Enqueue(new QueuedMessage(message, length));
        _queuedBytes += length;
        if (!_pumping)
        {
            _pumping = true;
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    private bool TryDequeue(out QueuedMessage message)
    {
        lock (_lock)
        {
            if (!_queue.TryDequeue(out message))
            {
                return false;
            }

            _queuedBytes -= message.Length;

            // One sender for one message; all of them when nothing is left that would wake the next one.
            var wake = _queue.Count == 0 ? _waitingForRoom.Count : Math.Min(1, _waitingForRoom.Count);
            for (; wake > 0; wake--)
            {
                _waitingForRoom.Dequeue().TrySetResult();
            }
        }

        return true;
    }

    /// <summary>Sends until the queue is empty.</summary>
    private async Task PumpAsync()
    {
        var staging = ArrayPool<byte>.Shared.Rent(StagingBytes);
        try
        {
            do
            {
                var staged = 0;
                while (TryDequeue(out var message))
                {
                    try
                    {
                        staged = await StageAsync(staging, staged, message);
                    }
                    finally
                    {
                        message.Writer.Return();
                    }
                }

                if (staged > 0)
                {
                    await SendAllAsync(staging.AsMemory(0, staged));
                }
            }
            while (!TryEndPump());
        }
        catch (Exception exception)
        {
            // The read loop tells the handler, with this as the reason.
            Abort(new ConnectionFailedException($"Sending to {RemoteEndPoint} failed: {exception.Message}", exception));
            FailQueued(exception);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(staging);
        }
    }

    /// <summary>Copies a message into the staging buffer, sending the buffer when it is full and large segments by themselves.</summary>
    private async ValueTask<int> StageAsync(byte[] staging, int staged, QueuedMessage message)
    {
        if (staging.Length - staged < LengthPrefixBytes)
        {
            await SendAllAsync(staging.AsMemory(0, staged));
            staged = 0;
        }

        BinaryPrimitives.WriteUInt32LittleEndian(staging.AsSpan(staged), (uint)message.Length);
        staged += LengthPrefixBytes;
        var position = default(MessageWriter.SegmentPosition);
        while (message.Writer.TryGetNextSegment(ref position, out var segment))
        {
            if (segment.Length > staging.Length - staged && staged > 0)
            {
                await SendAllAsync(staging.AsMemory(0, staged));
                staged = 0;
            }

            if (segment.Length >= OwnSendBytes)
            {
                if (staged > 0)
                {
                    await SendAllAsync(staging.AsMemory(0, staged));
                    staged = 0;
                }

                await SendAllAsync(segment);
            }
            else
            {
                segment.Span.CopyTo(staging.AsSpan(staged));
                staged += segment.Length;
            }
        }

        return staged;
    }

    private async ValueTask SendAllAsync(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var sent = await _socket.SendAsync(bytes, SocketFlags.None, _aborted.Token);
            bytes = bytes[sent..];
        }
    }

    private bool TryEndPump()
    {
        lock (_lock)
        {
            if (_queue.Count > 0)
            {
                return false;
            }

            _pumping = false;
            _drained?.TrySetResult();
            return true;
        }
    }

    /// <summary>Empties the queue of a connection that has ended, so that its writers return and nobody waits for room.</summary>
    private void FailQueued(Exception? error)
    {
        List<TaskCompletionSource> waiting;
        List<MessageWriter> dropped;
        lock (_lock)
        {
            dropped = [.. _queue.Select(message => message.Writer)];
            _queue.Clear();
            _queuedBytes = 0;
            waiting = [.. _waitingForRoom];
            _waitingForRoom.Clear();
            _drained?.TrySetResult();
        }

        dropped.ForEach(writer => writer.Return());
        waiting.ForEach(room => room.TrySetException(
            new ConnectionFailedException($"The connection to {RemoteEndPoint} is closed.", error ?? new IOException("Closed."))));
    }

    private readonly record struct QueuedMessage(MessageWriter Writer, int Length);
}
