using System.Net.Sockets;
using System.Runtime.InteropServices;
using Orleans.Runtime.Messaging;
using OrleansStream.Engine.CodeGeneration;

namespace OrleansStream.Engine.Networking;

/// <content>Writing frames.</content>
internal sealed partial class FrameConnection
{
    private const int StagingBytes = 64 * 1024;

    // Memories from this size on go to the socket as they are; smaller ones are gathered in the send buffer.
    private const int OwnSendBytes = 16 * 1024;

    /// <summary>
    /// Queues a frame, which the connection now owns. False, with the ownership left to the caller, when the
    /// connection is closed or so much is unsent that callers have to wait.
    /// </summary>
    /// <exception cref="InvalidMessageFrameException">The message is larger than a frame may be; the caller keeps the frame.</exception>
    public bool TrySend(OutgoingFrame frame)
    {
        CheckLength(frame);
        return _sender.TryAdd(frame, evenWhenFull: false);
    }

    /// <summary>
    /// Queues a frame even when much is unsent: for answers, whose number is bounded by what was read, and for small frames of the runtime.
    /// False, with the ownership left to the caller, when the connection is closed.
    /// </summary>
    /// <exception cref="InvalidMessageFrameException">The message is larger than a frame may be; the caller keeps the frame.</exception>
    public bool TrySendNow(OutgoingFrame frame)
    {
        CheckLength(frame);
        return _sender.TryAdd(frame, evenWhenFull: true);
    }

    /// <summary>Queues a frame as soon as there is room.</summary>
    /// <exception cref="ConnectionFailedException">The connection is closed; the caller keeps the frame.</exception>
    /// <exception cref="InvalidMessageFrameException">The message is larger than a frame may be; the caller keeps the frame.</exception>
    public async ValueTask SendAsync(OutgoingFrame frame, CancellationToken cancellationToken)
    {
        while (!TrySend(frame))
        {
            if (IsClosed)
            {
                throw new ConnectionFailedException($"The connection to {RemoteEndPoint} is closed.");
            }

            await _sender.WhenRoomAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private void CheckLength(OutgoingFrame frame)
    {
        var length = frame.Length - LengthPrefixBytes;
        if (length > _options.MaxFrameBytes)
        {
            throw new InvalidMessageFrameException(
                $"A message of {length} bytes cannot be sent to {RemoteEndPoint}; a frame has at most {_options.MaxFrameBytes} (MaxMessageBodySize).");
        }
    }

    /// <summary>Whether so much is unsent that callers have to wait.</summary>
    public bool IsFull => _sender.IsFull;

    /// <summary>Completes when there is room again, or the connection is closed.</summary>
    public Task WhenRoomAsync() => _sender.WhenRoomAsync();

    /// <summary>The queue of unsent frames and the one loop that sends them, on the thread pool as long as there are any.</summary>
    private sealed class Sender(FrameConnection connection) : IThreadPoolWorkItem
    {
        private readonly Lock _gate = new();
        private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(StagingBytes, pinned: true);
        private readonly List<ArraySegment<byte>> _gather = new(2);
        private List<OutgoingFrame> _queue = [];
        private List<OutgoingFrame> _batch = [];
        private TaskCompletionSource? _room;
        private TaskCompletionSource? _idle;
        private long _unsentBytes;
        private bool _isSending;
        private bool _isAbandoned;

        public bool IsFull => Volatile.Read(ref _unsentBytes) >= connection._options.MaxQueuedBytes;

        public bool TryAdd(OutgoingFrame frame, bool evenWhenFull)
        {
            bool start;
            lock (_gate)
            {
                if (_isAbandoned || (!evenWhenFull && IsFull))
                {
                    return false;
                }

                _queue.Add(frame);
                _unsentBytes += frame.Length;
                start = !_isSending;
                _isSending = true;
            }

            if (start)
            {
                ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
            }

            return true;
        }

        public Task WhenRoomAsync()
        {
            lock (_gate)
            {
                return !IsFull || _isAbandoned
                    ? Task.CompletedTask
                    : (_room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }
        }

        public Task WhenIdleAsync()
        {
            lock (_gate)
            {
                return !_isSending || _isAbandoned
                    ? Task.CompletedTask
                    : (_idle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }
        }

        public void Abandon()
        {
            List<OutgoingFrame> rest;
            lock (_gate)
            {
                _isAbandoned = true;
                rest = _queue;
                _queue = [];
                _room?.TrySetResult();
                _idle?.TrySetResult();
            }

            foreach (var frame in rest)
            {
                frame.Finish();
            }
        }

        void IThreadPoolWorkItem.Execute() => _ = SendAllAsync();

        private async Task SendAllAsync()
        {
            var sent = 0;
            try
            {
                while (TryTakeBatch())
                {
                    var filled = 0;
                    var bytes = 0L;
                    for (sent = 0; sent < _batch.Count; sent++)
                    {
                        var frame = _batch[sent];
                        bytes += frame.Length;
                        if (!frame.TryBeginSending())
                        {
                            continue;
                        }

                        var position = default(MessageWriter.SegmentPosition);
                        var tailIsDone = false;
                        while (frame.TryGetNextSegment(ref position, ref tailIsDone, out var segment))
                        {
                            if (segment.Length >= OwnSendBytes)
                            {
                                await SendAsync(filled, segment).ConfigureAwait(false);
                                filled = 0;
                                continue;
                            }

                            if (segment.Length > StagingBytes - filled)
                            {
                                await SendAsync(filled, default).ConfigureAwait(false);
                                filled = 0;
                            }

                            segment.Span.CopyTo(_buffer.AsSpan(filled));
                            filled += segment.Length;
                        }

                        frame.Finish();
                        if (bytes >= StagingBytes)
                        {
                            Release(bytes);
                            bytes = 0;
                        }
                    }

                    if (filled > 0)
                    {
                        await SendAsync(filled, default).ConfigureAwait(false);
                    }

                    Release(bytes);
                    _batch.Clear();
                }
            }
            catch (Exception exception)
            {
                for (; sent < _batch.Count; sent++)
                {
                    _batch[sent].Finish();
                }

                connection.Abort(exception);
            }
        }

        private bool TryTakeBatch()
        {
            lock (_gate)
            {
                if (_queue.Count == 0 || _isAbandoned)
                {
                    _isSending = false;
                    _idle?.TrySetResult();
                    return false;
                }

                (_queue, _batch) = (_batch, _queue);
                return true;
            }
        }

        private void Release(long bytes)
        {
            lock (_gate)
            {
                _unsentBytes -= bytes;
                if (_room is not null && _unsentBytes <= connection._options.MaxQueuedBytes / 2)
                {
                    _room.TrySetResult();
                    _room = null;
                }
            }
        }

        private async ValueTask SendAsync(int filled, ReadOnlyMemory<byte> memory)
        {
            if (filled > 0 && memory.Length > 0 && MemoryMarshal.TryGetArray(memory, out var array))
            {
                _gather.Clear();
                _gather.Add(new ArraySegment<byte>(_buffer, 0, filled));
                _gather.Add(array);
                var sent = await connection._socket.SendAsync(_gather, SocketFlags.None).ConfigureAwait(false);
                _gather.Clear();
                if (sent >= filled)
                {
                    await SendMemoryAsync(memory[(sent - filled)..]).ConfigureAwait(false);
                    return;
                }

                await SendMemoryAsync(_buffer.AsMemory(sent, filled - sent)).ConfigureAwait(false);
            }
            else if (filled > 0)
            {
                await SendMemoryAsync(_buffer.AsMemory(0, filled)).ConfigureAwait(false);
            }

            await SendMemoryAsync(memory).ConfigureAwait(false);
        }

        private async ValueTask SendMemoryAsync(ReadOnlyMemory<byte> memory)
        {
            while (memory.Length > 0)
            {
                var sent = await connection._socket.SendAsync(memory, SocketFlags.None).ConfigureAwait(false);
                memory = memory[sent..];
            }
        }
    }
}
