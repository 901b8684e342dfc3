using FASTER.core;
using OrleansStream.Storage.Entries;
using OrleansStream.Storage.Files;

namespace OrleansStream.Storage.Buffers;

/// <summary>
/// A FasterLog instance: the pages at the tail of an active log. It takes appends, hands pages to the device and keeps the
/// last pages readable. A log that is idle has none; the next append opens one at the tail.
/// </summary>
/// <remarks>
/// <para>Appends come from one thread at a time. <see cref="TryReadPage"/> may run on any thread beside them: it reads
/// the pinned page in place, and <see cref="IsStillInMemory"/> tells afterwards whether the page was reused meanwhile. FASTER's
/// own scan would copy each entry, take its epoch table per entry and block on the disk below the buffer.</para>
/// <para>FASTER reuses a page's memory only when the tail enters the page that lies one buffer size further, so the
/// lowest readable address is known before each append.</para>
/// </remarks>
internal sealed class TailBuffer : IDisposable
{
    private readonly FasterLog _log;
    private readonly SegmentDevice _device;
    private readonly LogGeometry _geometry;
    private readonly int _pageCount;
    private readonly nint[] _pages;
    private long _memoryStart;

    private TailBuffer(FasterLog log, SegmentDevice device, LogGeometry geometry, int bufferBytes, long tailAddress)
    {
        _log = log;
        _device = device;
        _geometry = geometry;
        _pageCount = bufferBytes / geometry.PageBytes;
        _pages = new nint[_pageCount];
        _memoryStart = tailAddress;
        BufferBytes = bufferBytes;
    }

    /// <summary>The size of the ring of pages.</summary>
    public int BufferBytes { get; }

    /// <summary>The address after the last entry.</summary>
    public long TailAddress => _log.TailAddress;

    /// <summary>Everything below is on stable storage.</summary>
    public long FlushedAddress => _log.FlushedUntilAddress;

    /// <summary>The lowest address that can be read from memory.</summary>
    public long MemoryStart => Volatile.Read(ref _memoryStart);

    /// <summary>Opens FASTER at a known tail; reads the page of the tail.</summary>
    public static TailBuffer Open(SegmentFiles files, long beginAddress, long tailAddress, int bufferBytes, Action writeQueued)
    {
        var geometry = files.Geometry;
        var device = new SegmentDevice(files, tailAddress, writeQueued);
        var log = new FasterLog(new FasterLogSettings
        {
            LogDevice = device,
            LogCommitManager = new KnownCommit(beginAddress, tailAddress),
            PageSize = geometry.PageBytes,
            MemorySize = bufferBytes,
            SegmentSize = geometry.SegmentBytes,
            TryRecoverLatest = false,
        });
        try
        {
            if (tailAddress > LogGeometry.FirstAddress)
            {
                log.Recover();
            }

            if (log.TailAddress != tailAddress)
            {
                throw new InvalidDataException($"FASTER opened at the tail {log.TailAddress} instead of {tailAddress}.");
            }

            return new TailBuffer(log, device, geometry, bufferBytes, tailAddress);
        }
        catch
        {
            log.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Whether entries up to an address fit without waiting for a flush.
    /// </summary>
    public bool HasRoomUntil(long address) => _geometry.PageOf(address) <= _geometry.PageOf(FlushedAddress) + _pageCount - 1;

    /// <summary>The address that an entry of a size (as in the file) gets next.</summary>
    public long NextAddress(int allocation)
    {
        var tail = _log.TailAddress;
        return _geometry.PageEnd(tail) - tail >= allocation ? tail : _geometry.PageEnd(tail);
    }

    /// <summary>Appends an entry at the address that <see cref="NextAddress"/> gave.</summary>
    /// <exception cref="InvalidOperationException">The buffer is full: the caller did not check <see cref="HasRoomUntil"/>.</exception>
    public void Append<TEntry>(TEntry entry, long address)
        where TEntry : struct, IPageEntry
    {
        var page = _geometry.PageOf(address);
        var memoryStart = (page - _pageCount + 1) << _geometry.PageBits;
        if (memoryStart > _memoryStart)
        {
            // Before FASTER clears the page: the exchange is also the fence that readers rely on.
            Interlocked.Exchange(ref _memoryStart, memoryStart);
        }

        if (!_log.TryEnqueue(new Placed<TEntry>(entry, this, address), out var actual))
        {
            throw new InvalidOperationException($"The buffer of {BufferBytes} bytes is full at address {address}.");
        }

        if (actual != address)
        {
            throw new InvalidDataException($"FASTER placed an entry at address {actual} instead of {address}.");
        }
    }

    /// <summary>The bytes of one page from an address to the end of the page, in place; empty below the memory.</summary>
    public unsafe ReadOnlySpan<byte> TryReadPage(long address)
    {
        if (address < MemoryStart)
        {
            return [];
        }

        var page = Volatile.Read(ref _pages[_geometry.PageOf(address) & (_pageCount - 1)]);
        return page == 0
            ? []
            : new ReadOnlySpan<byte>((void*)(page + (nint)(address - _geometry.PageStart(address))), (int)(_geometry.PageEnd(address) - address));
    }

    /// <summary>Whether what was read since, at or above an address, was not overwritten meanwhile.</summary>
    public bool IsStillInMemory(long address)
    {
        Interlocked.MemoryBarrier();
        return address >= MemoryStart;
    }

    /// <summary>Hands everything up to the tail to the device.</summary>
    public void Commit() => _log.Commit();

    /// <summary>Whether the device has writes to do.</summary>
    public bool HasQueuedWrites => _device.HasQueued;

    /// <summary>Writes what FASTER has handed over; durable when it returns. False if there was nothing.</summary>
    public bool WriteRun() => _device.WriteRun();

    /// <summary>Refuses all further writes, after an error.</summary>
    public void Fail() => _device.Fail();

    /// <summary>
    /// Lets the pages go. Nothing may be in flight. A reader that still looks at a page keeps it alive through this object.
    /// </summary>
    public void Dispose() => _log.Dispose();

    private readonly struct Placed<TEntry>(TEntry entry, TailBuffer buffer, long address) : ILogEnqueueEntry
        where TEntry : struct, IPageEntry
    {
        public int SerializedLength => entry.Length;

        public unsafe void SerializeTo(Span<byte> dest)
        {
            fixed (byte* pointer = dest)
            {
                var page = (nint)pointer - EntryHeader.LengthSize - (nint)(address - buffer._geometry.PageStart(address));
                Volatile.Write(ref buffer._pages[buffer._geometry.PageOf(address) & (buffer._pageCount - 1)], page);
            }

            entry.WriteTo(dest, address);
        }
    }
}

/// <summary>Something that writes itself into a page.</summary>
internal interface IPageEntry
{
    /// <summary>The length that FASTER stores.</summary>
    int Length { get; }

    /// <summary>Writes the whole entry.</summary>
    void WriteTo(Span<byte> destination, long address);
}
