using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace OrleansStream.Storage.Files;

/// <summary>Memory aligned for direct reads; a few are kept for the next reader.</summary>
internal sealed unsafe class AlignedBuffer : IDisposable
{
    /// <summary>The size, and the most that one direct read takes.</summary>
    public const int Bytes = 1024 * 1024;

    /// <summary>A multiple of every device's logical block.</summary>
    public const int Alignment = 4096;

    private const int MaxKept = 4;

    private static readonly ConcurrentBag<nint> Kept = [];

    private readonly void* _memory;

    private AlignedBuffer(void* memory)
    {
        _memory = memory;
    }

    /// <summary>The memory, until the buffer is disposed.</summary>
    public Span<byte> Span => new(_memory, Bytes);

    /// <summary>A buffer with arbitrary content.</summary>
    public static AlignedBuffer Rent()
        => new(Kept.TryTake(out var kept) ? (void*)kept : NativeMemory.AlignedAlloc(Bytes, Alignment));

    /// <summary>Gives the memory back.</summary>
    public void Dispose()
    {
        if (Kept.Count < MaxKept)
        {
            Kept.Add((nint)_memory);
        }
        else
        {
            NativeMemory.AlignedFree(_memory);
        }
    }
}
