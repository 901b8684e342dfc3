using System.Buffers;

namespace OrleansStream.Grains.Replication;

/// <summary>
/// The memory of one answer to a follower. Arrays of a megabyte that live for one answer would cost more in page faults and collections
/// than what is copied into them. Used by one fetch at a time.
/// </summary>
internal sealed class AnswerBuffers
{
    /// <summary>Smaller ones die young in the heap.</summary>
    private const int MinPooledBytes = 16 * 1024;

    private readonly List<byte[]> _rented = [];

    /// <summary>Memory for what is read next.</summary>
    public Memory<byte> Allocate(int length)
    {
        if (length < MinPooledBytes)
        {
            return GC.AllocateUninitializedArray<byte>(length);
        }

        var array = ArrayPool<byte>.Shared.Rent(length);
        _rented.Add(array);
        return array.AsMemory(0, length);
    }

    /// <summary>Gives everything back, once: nobody looks at it any more.</summary>
    public void Return()
    {
        foreach (var array in _rented)
        {
            ArrayPool<byte>.Shared.Return(array);
        }

        _rented.Clear();
    }
}
