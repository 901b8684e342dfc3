using System.Buffers;

namespace OrleansStream.Storage.Buffers;

/// <summary>A piece of one of FASTER's pages, which are pinned, as memory for a gathering write.</summary>
internal sealed unsafe class PageMemory(nint pointer, int length) : MemoryManager<byte>
{
    public override Span<byte> GetSpan() => new((void*)pointer, length);

    public override MemoryHandle Pin(int elementIndex = 0) => new((byte*)pointer + elementIndex);

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing)
    {
    }
}
