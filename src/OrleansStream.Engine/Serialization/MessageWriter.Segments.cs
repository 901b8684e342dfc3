using System.Buffers;

namespace OrleansStream.Engine.CodeGeneration;

/// <content>The finished message as a list of segments, and the pool.</content>
public sealed partial class MessageWriter
{
    private const int InitialHeadSize = 1024;
    private const int LargestKeptHead = 64 * 1024;
    private const int PoolSize = 64;

    private static readonly MessageWriter?[] Pool = new MessageWriter?[PoolSize];

    private readonly byte[] _ownHead = GC.AllocateUninitializedArray<byte>(InitialHeadSize);
    private readonly List<Reference> _references = [];
    private bool _isRented;

    private MessageWriter()
    {
        _head = _ownHead;
    }

    /// <summary>An empty writer, from the pool if there is one.</summary>
    public static MessageWriter Rent()
    {
        var pool = Pool;
        var first = Environment.CurrentManagedThreadId;
        for (var i = 0; i < PoolSize; i++)
        {
            ref var slot = ref pool[(first + i) & (PoolSize - 1)];
            if (slot is not null && Interlocked.Exchange(ref slot, null) is { } writer)
            {
                writer._isRented = true;
                return writer;
            }
        }

        return new MessageWriter { _isRented = true };
    }

    /// <summary>Empties the writer, lets go of everything it refers to, and gives it back.</summary>
    /// <exception cref="InvalidOperationException">The writer was given back before.</exception>
    public void Return()
    {
        if (!_isRented)
        {
            throw new InvalidOperationException("A MessageWriter was returned to its pool twice.");
        }

        Reset();
        if (_head.Length > LargestKeptHead)
        {
            ReleaseHead();
            _head = _ownHead;
        }

        _isRented = false;
        var pool = Pool;
        var first = Environment.CurrentManagedThreadId;
        for (var i = 0; i < PoolSize; i++)
        {
            ref var slot = ref pool[(first + i) & (PoolSize - 1)];
            if (slot is null && Interlocked.CompareExchange(ref slot, this, null) is null)
            {
                return;
            }
        }

        ReleaseHead();
        _head = _ownHead;
    }

    /// <summary>Empties the writer for another message of the same owner.</summary>
    public void Reset()
    {
        _headLength = 0;
        _referencedLength = 0;
        _depth = 0;
        _references.Clear();
    }

    /// <summary>
    /// The next segment of the message: head bytes and referenced memories in the order in which they were written, none
    /// of them empty; false at the end. Begin with a default position. A segment is valid until the writer is written to,
    /// reset or returned.
    /// </summary>
    public bool TryGetNextSegment(ref SegmentPosition position, out ReadOnlyMemory<byte> segment)
    {
        while (position.Reference <= _references.Count)
        {
            var isLast = position.Reference == _references.Count;
            var headEnd = isLast ? _headLength : _references[position.Reference].HeadEnd;
            if (headEnd > position.HeadStart)
            {
                segment = _head.AsMemory(position.HeadStart, headEnd - position.HeadStart);
                position.HeadStart = headEnd;
                return true;
            }

            if (isLast)
            {
                break;
            }

            segment = _references[position.Reference++].Memory;
            return true;
        }

        segment = default;
        return false;
    }

    /// <summary>Copies the whole message, in order, to <paramref name="output"/> (a PipeWriter, for one); does not flush.</summary>
    public void WriteTo(IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        var position = default(SegmentPosition);
        while (TryGetNextSegment(ref position, out var segment))
        {
            output.Write(segment.Span);
        }
    }

    /// <summary>Copies the whole message into an array of its own.</summary>
    public byte[] ToArray()
    {
        var array = GC.AllocateUninitializedArray<byte>(Length);
        var destination = array.AsSpan();
        var position = default(SegmentPosition);
        while (TryGetNextSegment(ref position, out var segment))
        {
            segment.Span.CopyTo(destination);
            destination = destination[segment.Length..];
        }

        return array;
    }

    private void AddReference(ReadOnlyMemory<byte> memory)
    {
        _references.Add(new Reference(_headLength, memory));
        _referencedLength += memory.Length;
    }

    private void ReleaseHead()
    {
        if (!ReferenceEquals(_head, _ownHead))
        {
            ArrayPool<byte>.Shared.Return(_head);
        }
    }

    /// <summary>How far a walk over the segments has come.</summary>
    public struct SegmentPosition
    {
        internal int Reference;
        internal int HeadStart;
    }

    private readonly record struct Reference(int HeadEnd, ReadOnlyMemory<byte> Memory);
}
