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

    /// <summary>
    /// The number of segments of the message; <see cref="GetSegment"/> gets them. Head bytes and referenced memories
    /// alternate, in the order in which they were written, and none is empty.
    /// </summary>
    public int SegmentCount
    {
        get
        {
            var count = 0;
            var start = 0;
            foreach (var reference in _references)
            {
                count += reference.HeadEnd > start ? 2 : 1;
                start = reference.HeadEnd;
            }

            return _headLength > start ? count + 1 : count;
        }
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
        RuntimeContext = null;
    }

    /// <summary>A segment of the message; valid until the writer is written to, reset or returned.</summary>
    public ReadOnlyMemory<byte> GetSegment(int index)
    {
        var start = 0;
        var current = 0;
        foreach (var reference in _references)
        {
            if (reference.HeadEnd > start && current++ == index)
            {
                return _head.AsMemory(start, reference.HeadEnd - start);
            }

            if (current++ == index)
            {
                return reference.Memory;
            }

            start = reference.HeadEnd;
        }

        return current == index && _headLength > start
            ? _head.AsMemory(start, _headLength - start)
            : throw new ArgumentOutOfRangeException(nameof(index), index, $"The message has {SegmentCount} segments.");
    }

    /// <summary>Copies the whole message, in order, to <paramref name="output"/> (a PipeWriter, for one); does not flush.</summary>
    public void WriteTo(IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        var start = 0;
        foreach (var reference in _references)
        {
            output.Write(_head.AsSpan(start, reference.HeadEnd - start));
            output.Write(reference.Memory.Span);
            start = reference.HeadEnd;
        }

        output.Write(_head.AsSpan(start, _headLength - start));
    }

    /// <summary>Copies the whole message into an array of its own.</summary>
    public byte[] ToArray()
    {
        var array = GC.AllocateUninitializedArray<byte>(Length);
        var destination = array.AsSpan();
        var start = 0;
        foreach (var reference in _references)
        {
            _head.AsSpan(start, reference.HeadEnd - start).CopyTo(destination);
            destination = destination[(reference.HeadEnd - start)..];
            reference.Memory.Span.CopyTo(destination);
            destination = destination[reference.Memory.Length..];
            start = reference.HeadEnd;
        }

        _head.AsSpan(start, _headLength - start).CopyTo(destination);
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

    private readonly record struct Reference(int HeadEnd, ReadOnlyMemory<byte> Memory);
}
