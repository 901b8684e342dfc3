using System.Buffers;
using System.Runtime.InteropServices;
using OrleansStream.Engine.Networking;

namespace OrleansStream.Engine.Tests.Networking;

public sealed class PooledFrameTests
{
    // A size of which nothing else in this process rents arrays, so that the pool gives the same one again.
    private const int Length = 5_000_000;

    [Fact]
    public void Dispose_LendsTheArrayToTheNextFrame()
    {
        ReadOnlyMemory<byte> slice = new PooledFrame(Length).Memory[10..];
        MemoryMarshal.TryGetArray(slice, out var first).ShouldBeTrue();
        first.Count.ShouldBe(Length - 10);

        // As whoever has read the slice gives it back: without knowing the type.
        MemoryMarshal.TryGetMemoryManager<byte, MemoryManager<byte>>(slice, out var lent).ShouldBeTrue();
        ((IDisposable)lent).Dispose();

        MemoryMarshal.TryGetArray<byte>(new PooledFrame(Length).Memory, out var second).ShouldBeTrue();
        second.Array.ShouldBeSameAs(first.Array);
    }

    [Fact]
    public void Span_Throws_WhenTheFrameWasDisposedOf()
    {
        var frame = new PooledFrame(Length);
        var slice = frame.Memory[10..];
        ((IDisposable)frame).Dispose();
        ((IDisposable)frame).Dispose();

        Should.Throw<ObjectDisposedException>(() => slice.Span[0]);
    }
}
