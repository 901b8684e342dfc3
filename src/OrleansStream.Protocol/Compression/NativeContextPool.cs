using System.Runtime.InteropServices;

namespace OrleansStream.Protocol.Compression;

/// <summary>
/// Keeps a bounded number of native contexts for reuse: making one costs more than compressing a small batch with it.
/// </summary>
/// <param name="create">Makes a context.</param>
internal sealed class NativeContextPool<T>(Func<T> create)
    where T : SafeHandle
{
    private readonly T?[] _idle = new T?[Math.Clamp(Environment.ProcessorCount, 1, 64)];

    /// <summary>An idle context or a new one; the caller gives it back or disposes of it.</summary>
    public T Rent()
    {
        for (var i = 0; i < _idle.Length; i++)
        {
            if (Interlocked.Exchange(ref _idle[i], null) is { } context)
            {
                return context;
            }
        }

        return create();
    }

    /// <summary>Takes a context back, in a state in which it can start afresh.</summary>
    public void Return(T context)
    {
        for (var i = 0; i < _idle.Length; i++)
        {
            if (Interlocked.CompareExchange(ref _idle[i], context, null) is null)
            {
                return;
            }
        }

        context.Dispose();
    }
}
