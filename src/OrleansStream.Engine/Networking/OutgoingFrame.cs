using OrleansStream.Engine.CodeGeneration;

namespace OrleansStream.Engine.Networking;

/// <summary>
/// One frame on its way out. The memories that it refers to belong to the caller: as long as the frame is being sent
/// they must not change, which is why a call that is given up asks <see cref="TryDrop"/> before its caller goes on.
/// </summary>
internal sealed class OutgoingFrame
{
    private const int Queued = 0;
    private const int Sending = 1;
    private const int Finished = 2;

    private readonly Lock _gate = new();
    private readonly MessageWriter _writer;
    private Action? _whenFinished;
    private int _state;

    /// <summary>Takes over the writer, whose first four bytes were reserved for the length.</summary>
    /// <param name="writer">The frame, or its beginning.</param>
    /// <param name="tail">What follows, by reference: the rest of a frame that is passed on.</param>
    public OutgoingFrame(MessageWriter writer, ReadOnlyMemory<byte> tail = default)
    {
        _writer = writer;
        Tail = tail;
        Length = checked(writer.Length + tail.Length);
        writer.PatchFixed32(0, (uint)(Length - sizeof(uint)));
    }

    public int Length { get; }

    public ReadOnlyMemory<byte> Tail { get; }

    /// <summary>A writer with room for the length, and the kind.</summary>
    public static MessageWriter Begin(FrameKind kind)
    {
        var writer = MessageWriter.Rent();
        writer.ReserveFixed32();
        writer.WriteByte((byte)kind);
        return writer;
    }

    /// <summary>The next segment; the tail is the last one. Begin with a default position.</summary>
    public bool TryGetNextSegment(ref MessageWriter.SegmentPosition position, ref bool tailIsDone, out ReadOnlyMemory<byte> segment)
    {
        if (_writer.TryGetNextSegment(ref position, out segment))
        {
            return true;
        }

        segment = Tail;
        var isNext = !tailIsDone && !segment.IsEmpty;
        tailIsDone = true;
        return isNext;
    }

    /// <summary>Says that sending begins; false when the frame was dropped.</summary>
    public bool TryBeginSending() => Interlocked.CompareExchange(ref _state, Sending, Queued) == Queued;

    /// <summary>Says that the frame was sent, or never will be: nothing refers to the caller's memory any more.</summary>
    public void Finish()
    {
        Action? whenFinished;
        lock (_gate)
        {
            if (_state == Finished)
            {
                return;
            }

            _state = Finished;
            whenFinished = _whenFinished;
        }

        _writer.Return();
        whenFinished?.Invoke();
    }

    /// <summary>Takes the frame out of the queue; false when it is being sent or was sent.</summary>
    public bool TryDrop()
    {
        if (Interlocked.CompareExchange(ref _state, Sending, Queued) != Queued)
        {
            return false;
        }

        Finish();
        return true;
    }

    /// <summary>Runs <paramref name="action"/> when nothing refers to the caller's memory any more, perhaps at once.</summary>
    public void WhenFinished(Action action)
    {
        lock (_gate)
        {
            if (_state != Finished)
            {
                _whenFinished += action;
                return;
            }
        }

        action();
    }
}
