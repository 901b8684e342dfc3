using FASTER.core;
using OrleansStream.Storage.Files;

namespace OrleansStream.Storage.Buffers;

/// <summary>
/// FASTER's device over a log's segment files. FASTER asks for one write per page, on any thread and inside its epoch
/// protection; this device collects them and lets a flush thread write what is contiguous in one durable call.
/// </summary>
/// <remarks>
/// Writes reach the disk one at a time and in address order, with one exception: the rest of a page whose last sector
/// was written before may follow the next page, because FASTER asks for it later.
/// </remarks>
internal sealed class SegmentDevice : StorageDeviceBase
{
    public const int SectorBytes = 512;

    private readonly SegmentFiles _files;
    private readonly Action _writeQueued;
    private readonly Lock _gate = new();
    private readonly List<WriteRequest> _queued = [];
    private readonly List<WriteRequest> _run = [];
    private readonly List<ReadOnlyMemory<byte>> _buffers = [];
    private long _nextAddress;
    private bool _failed;

    /// <summary>Makes the device.</summary>
    /// <param name="files">The segment files.</param>
    /// <param name="tailAddress">Where the first write goes.</param>
    /// <param name="writeQueued">Called for each write that FASTER asks for, on its thread: must not block.</param>
    public SegmentDevice(SegmentFiles files, long tailAddress, Action writeQueued)
        : base(files.Directory, SectorBytes, Devices.CAPACITY_UNSPECIFIED)
    {
        _files = files;
        _writeQueued = writeQueued;
        _nextAddress = tailAddress;
    }

    public override void WriteAsync(IntPtr sourceAddress, int segmentId, ulong destinationAddress, uint numBytesToWrite, DeviceIOCompletionCallback callback, object context)
    {
        var address = _files.Geometry.SegmentStart(segmentId) + (long)destinationAddress;
        lock (_gate)
        {
            if (!_failed)
            {
                _queued.Add(new WriteRequest(address, sourceAddress, (int)numBytesToWrite, callback, context));
                callback = null!;
            }
        }

        if (callback is null)
        {
            _writeQueued();
        }
        else
        {
            callback(uint.MaxValue, 0, context);
        }
    }

    /// <summary>FASTER reads the page at the tail when a log is opened, and nothing else.</summary>
    public override void ReadAsync(int segmentId, ulong sourceAddress, IntPtr destinationAddress, uint readLength, DeviceIOCompletionCallback callback, object context)
    {
        Span<byte> destination;
        unsafe
        {
            destination = new Span<byte>((void*)destinationAddress, (int)readLength);
        }

        var read = _files.Read(_files.Geometry.SegmentStart(segmentId) + (long)sourceAddress, destination);
        destination[read..].Clear();
        callback(0, (uint)read, context);
    }

    /// <summary>Whether FASTER has asked for writes that could be done now.</summary>
    public bool HasQueued
    {
        get
        {
            lock (_gate)
            {
                foreach (var request in _queued)
                {
                    if (request.Address <= _nextAddress)
                    {
                        return true;
                    }
                }

                return false;
            }
        }
    }

    /// <summary>
    /// Writes what is queued and contiguous, in one call, and tells FASTER. Called by one thread at a time, outside
    /// FASTER's epoch protection.
    /// </summary>
    /// <returns>False if there was nothing to write.</returns>
    public bool WriteRun()
    {
        if (!TakeRun())
        {
            return false;
        }

        try
        {
            _files.Write(_buffers, _run[0].Address);
        }
        catch
        {
            Refuse(_run);
            Fail();
            throw;
        }

        _nextAddress = Math.Max(_nextAddress, _run[^1].EndAddress);
        foreach (var request in _run)
        {
            request.Callback(0, (uint)request.Length, request.Context);
        }

        _run.Clear();
        return true;
    }

    /// <summary>Refuses all further writes.</summary>
    public void Fail()
    {
        WriteRequest[] refused;
        lock (_gate)
        {
            _failed = true;
            refused = [.. _queued];
            _queued.Clear();
        }

        Refuse(refused);
    }

    /// <summary>Segments are deleted by the log, after its checkpoint.</summary>
    public override void RemoveSegmentAsync(int segment, AsyncCallback callback, IAsyncResult result) => callback(result);

    public override void Dispose()
    {
    }

    private bool TakeRun()
    {
        _run.Clear();
        _buffers.Clear();
        lock (_gate)
        {
            if (_queued.Count == 0)
            {
                return false;
            }

            _queued.Sort(static (a, b) => a.Address.CompareTo(b.Address));
            var count = 0;
            var end = _nextAddress;
            foreach (var request in _queued)
            {
                // A later page can be asked for before the rest of the page before it: it waits.
                if (request.Address > end
                    || (count > 0 && (request.Address != end || _files.Geometry.SegmentOf(request.Address) != _files.Geometry.SegmentOf(_queued[0].Address))))
                {
                    break;
                }

                _run.Add(request);
                _buffers.Add(new PageMemory(request.Source, request.Length).Memory);
                end = request.EndAddress;
                count++;
            }

            _queued.RemoveRange(0, count);
            return count > 0;
        }
    }

    private static void Refuse(IReadOnlyList<WriteRequest> requests)
    {
        foreach (var request in requests)
        {
            request.Callback(uint.MaxValue, 0, request.Context);
        }
    }

    private readonly record struct WriteRequest(long Address, nint Source, int Length, DeviceIOCompletionCallback Callback, object Context)
    {
        public long EndAddress => Address + Length;
    }
}
