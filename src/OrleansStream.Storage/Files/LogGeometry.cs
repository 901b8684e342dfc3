using System.Numerics;

namespace OrleansStream.Storage.Files;

/// <summary>
/// How addresses map to pages and segment files; fixed for the life of a generation. An address is the byte position
/// in one endless file that the segments cut into pieces of equal size. No entry crosses a page.
/// </summary>
internal sealed record LogGeometry
{
    /// <summary>FASTER's first valid address; the bytes before it are never written.</summary>
    public const long FirstAddress = 64;

    public LogGeometry(int pageBytes, int segmentBytes)
    {
        if (!BitOperations.IsPow2(pageBytes) || pageBytes < 4096)
        {
            throw new ArgumentOutOfRangeException(nameof(pageBytes), pageBytes, "A page is a power of two of at least 4096 bytes.");
        }

        if (!BitOperations.IsPow2(segmentBytes) || segmentBytes < pageBytes)
        {
            throw new ArgumentOutOfRangeException(nameof(segmentBytes), segmentBytes, $"A segment is a power of two of at least one page of {pageBytes} bytes.");
        }

        PageBytes = pageBytes;
        SegmentBytes = segmentBytes;
        PageBits = BitOperations.Log2((uint)pageBytes);
        SegmentBits = BitOperations.Log2((uint)segmentBytes);
    }

    public int PageBytes { get; }

    public int SegmentBytes { get; }

    public int PageBits { get; }

    public int SegmentBits { get; }

    public long PageOf(long address) => address >> PageBits;

    public long PageStart(long address) => address & ~(PageBytes - 1L);

    public long PageEnd(long address) => PageStart(address) + PageBytes;

    public int SegmentOf(long address) => checked((int)(address >> SegmentBits));

    public long SegmentStart(int segment) => (long)segment << SegmentBits;

    public long PositionInSegment(long address) => address & (SegmentBytes - 1L);

    /// <summary>The first address of a segment at which an entry can stand.</summary>
    public long FirstEntryOf(int segment) => segment == 0 ? FirstAddress : SegmentStart(segment);

    /// <summary>The segment size for <c>segment.bytes</c>: rounded up to a power of two between 1 MiB and 1 GiB.</summary>
    public static int SegmentBytesFor(int configured) =>
        (int)BitOperations.RoundUpToPowerOf2((uint)Math.Clamp(configured, 1 << 20, 1 << 30));
}
