using System.Net.Sockets;
using System.Runtime.InteropServices;
using Orleans.Runtime.Messaging;

namespace OrleansStream.Engine.Networking;

/// <content>Writing frames.</content>
internal sealed partial class FrameConnection
{
    private const int SendBufferSize = 64 * 1024;

    // Memories from this size on go to the socket as they are; smaller ones are gathered in the send buffer.
    private const int DirectSendThreshold = 16 * 1024;

    private readonly Sender _sender;

    /// <summary>Whether so much is unsent that new calls must wait with <see cref="WhenNotFullAsync"/>.</summary>
    public bool IsFull => _sender.IsFull;

    /// <summary>Queues a frame; frames are sent in the order of these calls. From any thread. False when the connection is closed.</summary>
    public bool TrySend(OutgoingFrame frame)
    {
        if (frame.Length - LengthSize > _maxFrameLength)
        {
            var length = frame.Length - LengthSize;
            frame.Finish();
            throw new InvalidMessageFrameException(Invariant($"The message has {length} bytes; at most {_maxFrameLength} can be sent (MaxMessageBodySize)."));
        }

        return _sender.TryAdd(frame);
    }

    /// <summary>Completes when calls may be sent again, or the connection is closed.</summary>
    public Task WhenNotFullAsync() => _sender.WhenNotFullAsync();

    /// <summary>The queue of unsent frames and the one loop that sends them, on the thread pool as long as there are any.</summary>
    private sealed class Sender(FrameConnection connection) : IThreadPoolWorkItem
    {
        private readonly Lock _gate = new();
        private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(SendBufferSize, pinned: true);
        private readonly List<ArraySegment<byte>> _gather = new(2);
        private List<OutgoingFrame> _queue = [];
        private List<OutgoingFrame> _batch = [];
        private TaskCompletionSource? _notFull;
        private TaskCompletionSource? _idle;
        private long _unsentBytes;
        private bool _isSending;
        private bool _isAbandoned;

        public bool IsFull => Volatile.Read(ref _unsentBytes) > MaxUnsentBytes;

        public bool TryAdd(OutgoingFrame frame)
        {
            bool start;
            lock (_gate)
            {
                if (_isAbandoned)
                {
                    frame.Finish();
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

        public Task WhenNotFullAsync()
        {
            lock (_gate)
            {
                return !IsFull || _isAbandoned
                    ? Task.CompletedTask
                    : (_notFull ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
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
                _notFull?.TrySetResult();
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

                        var segments = frame.SegmentCount;
                        for (var i = 0; i <= segments; i++)
                        {
                            var segment = i < segments ? frame.GetSegment(i) : frame.Tail;
                            if (segment.Length >= DirectSendThreshold)
                            {
                                await SendAsync(filled, segment).ConfigureAwait(false);
                                filled = 0;
                                continue;
                            }

                            if (segment.Length > SendBufferSize - filled)
                            {
                                await SendAsync(filled, default).ConfigureAwait(false);
                                filled = 0;
                            }

                            segment.Span.CopyTo(_buffer.AsSpan(filled));
                            filled += segment.Length;
                        }

                        frame.Finish();
                        if (bytes >= SendBufferSize)
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
                if (_notFull is not null && _unsentBytes <= MaxUnsentBytes / 2)
                {
                    _notFull.TrySetResult();
                    _notFull = null;
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
