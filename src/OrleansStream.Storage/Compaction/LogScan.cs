using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using OrleansStream.Protocol.Records;
using OrleansStream.Storage.Entries;
using OrleansStream.Storage.Files;
using OrleansStream.Storage.Indexes;

namespace OrleansStream.Storage.Compaction;

/// <summary>Reads the batches of a range of a log's files in order, block by block into memory that is used again.</summary>
/// <param name="files">The files.</param>
/// <param name="voids">What is to be passed over.</param>
/// <param name="start">The address of an entry.</param>
/// <param name="end">Where to stop: the end of an entry on stable storage.</param>
/// <param name="memory">Where the block comes from.</param>
internal sealed class LogScan(SegmentFiles files, VoidRanges voids, long start, long end, CompactionMemory memory) : IDisposable
{
    private readonly List<Found> _found = [];
    private byte[] _block = memory.TakeBlock();
    private long _at = start;
    private int _next;

    /// <summary>The batch; valid until the next call of <see cref="MoveNext"/>.</summary>
    public ReadOnlyMemory<byte> Batch { get; private set; }

    /// <summary>The batch's header.</summary>
    public RecordBatchHeader Header { get; private set; }

    /// <summary>The batch's address.</summary>
    public long Address { get; private set; }

    /// <summary>The address after the batch.</summary>
    public long EndAddress { get; private set; }

    /// <summary>Goes to the next batch, whose CRC has been checked; false at the end.</summary>
    /// <exception cref="InvalidDataException">The file is damaged or ends too early.</exception>
    public bool MoveNext()
    {
        while (_next == _found.Count)
        {
            if (_at >= end)
            {
                return false;
            }

            ReadBlock();
        }

        var found = _found[_next++];
        Batch = _block.AsMemory(found.Position, found.Length);
        RecordBatchHeader.TryRead(Batch.Span, out var header);
        Header = header;
        Address = found.Address;
        EndAddress = found.EndAddress;
        return true;
    }

    public void Dispose() => memory.ReturnBlock(_block);

    private void ReadBlock()
    {
        _found.Clear();
        _next = 0;
        var raw = _block.AsSpan(0, (int)Math.Min(_block.Length, end - _at));
        var read = files.Read(_at, raw);
        if (read < raw.Length)
        {
            throw new InvalidDataException($"{files.PathOf(files.Geometry.SegmentOf(_at + read))} ends at address {_at + read}, before the log's durable end {end}");
        }

        var parser = new EntryParser(files.Geometry, raw, _at, -1, verifyBatches: true);
        while (parser.Address < end)
        {
            var status = parser.Next(out var entry);
            if (status == ParseStatus.NeedMore)
            {
                break;
            }

            if (status != ParseStatus.Entry)
            {
                var reason = status == ParseStatus.End ? "nothing was written there" : parser.Damage.Reason;
                throw new DamagedLogException(files, parser.Address, reason);
            }

            if (voids.Contains(entry.Address, out var until))
            {
                parser.SkipTo(Math.Min(until, end));
            }
            else if (entry.Kind == EntryKind.Batch)
            {
                var position = (int)Unsafe.ByteOffset(ref MemoryMarshal.GetArrayDataReference(_block), ref MemoryMarshal.GetReference(entry.Payload));
                _found.Add(new Found(entry.Address, entry.EndAddress, position, entry.Payload.Length));
            }
        }

        if (parser.Address == _at)
        {
            if (raw.Length == end - _at)
            {
                if (end == files.Geometry.PageEnd(_at) && raw.Length < EntryHeader.MinRoom)
                {
                    // The padding of a page before the entry that is not wanted any more.
                    _at = end;
                    return;
                }

                throw new DamagedLogException(files, _at, "an entry reaches beyond the log's end");
            }

            // One entry is larger than the block.
            _block = GC.AllocateUninitializedArray<byte>((int)Math.Min(Math.Max(parser.NeededBytes, 2L * _block.Length), Array.MaxLength));
        }
        else
        {
            _at = parser.Address;
        }
    }

    private readonly record struct Found(long Address, long EndAddress, int Position, int Length);
}
