using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using OrleansStream.Protocol.Checksums;
using static OrleansStream.Core.Producers.ProducerEntry;

namespace OrleansStream.Core.Producers;

/// <content>
/// The snapshot: magic, version, end offset, leader epoch there, number of producers; for each producer its id, epoch, last-seen time
/// and its batches, oldest producer first; CRC-32C of all that. Little-endian.
/// </content>
public sealed partial class ProducerStateTable
{
    /// <summary>The version that <see cref="WriteSnapshot"/> writes.</summary>
    public const ushort SnapshotVersion = 2;

    private const uint SnapshotMagic = 0x5350534F; // "OSPS"
    private const int HeaderSize = 4 + 2 + 8 + 4 + 4;
    private const int ProducerHeaderSize = 8 + 2 + 8 + 1;
    private const int BatchSize = 4 + 8 + 4 + 8;
    private const int ChecksumSize = 4;

    /// <summary>Writes the whole table. It speaks for the log below <see cref="EndOffset"/>.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="leaderEpoch">
    /// The leader epoch of the log's last batch, -1 for an empty log. A log that still has that epoch up to <see cref="EndOffset"/> has
    /// the same records below; one that was cut since and has grown again has not, whatever its length.
    /// </param>
    public void WriteSnapshot(IBufferWriter<byte> output, int leaderEpoch)
    {
        ArgumentNullException.ThrowIfNull(output);
        var size = SnapshotSize();
        var span = output.GetSpan(size)[..size];
        BinaryPrimitives.WriteUInt32LittleEndian(span, SnapshotMagic);
        BinaryPrimitives.WriteUInt16LittleEndian(span[4..], SnapshotVersion);
        BinaryPrimitives.WriteInt64LittleEndian(span[6..], EndOffset);
        BinaryPrimitives.WriteInt32LittleEndian(span[14..], leaderEpoch);
        BinaryPrimitives.WriteInt32LittleEndian(span[18..], Count);
        var rest = span[HeaderSize..];
        foreach (var entry in _byAge)
        {
            rest = WriteProducer(entry, rest);
        }

        BinaryPrimitives.WriteUInt32LittleEndian(rest, Crc32C.Compute(span[..^ChecksumSize]));
        output.Advance(size);
    }

    /// <summary>Replaces the table's content by a snapshot.</summary>
    /// <param name="snapshot">Exactly one snapshot.</param>
    /// <param name="leaderEpoch">As it was given to <see cref="WriteSnapshot"/>.</param>
    /// <param name="problem">What is wrong with it; the table is empty then and replays start at offset 0.</param>
    /// <returns>Whether the snapshot was sound.</returns>
    public bool TryReadSnapshot(ReadOnlySpan<byte> snapshot, out int leaderEpoch, [NotNullWhen(false)] out string? problem)
    {
        Reset(0);
        problem = ReadSnapshot(snapshot, out leaderEpoch);
        if (problem is not null)
        {
            Reset(0);
        }

        return problem is null;
    }

    private static Span<byte> WriteProducer(ProducerEntry entry, Span<byte> span)
    {
        BinaryPrimitives.WriteInt64LittleEndian(span, entry.ProducerId);
        BinaryPrimitives.WriteInt16LittleEndian(span[8..], entry.ProducerEpoch);
        BinaryPrimitives.WriteInt64LittleEndian(span[10..], entry.LastSeenMs);
        span[18] = (byte)entry.BatchCount;
        span = span[ProducerHeaderSize..];
        for (var i = 0; i < entry.BatchCount; i++)
        {
            var batch = entry[i];
            BinaryPrimitives.WriteInt32LittleEndian(span, batch.LastSequence);
            BinaryPrimitives.WriteInt64LittleEndian(span[4..], batch.LastOffset);
            BinaryPrimitives.WriteInt32LittleEndian(span[12..], batch.OffsetDelta);
            BinaryPrimitives.WriteInt64LittleEndian(span[16..], batch.TimestampMs);
            span = span[BatchSize..];
        }

        return span;
    }

    private int SnapshotSize()
    {
        var size = HeaderSize + ChecksumSize;
        foreach (var entry in _byAge)
        {
            size += ProducerHeaderSize + (entry.BatchCount * BatchSize);
        }

        return size;
    }

    private string? ReadSnapshot(ReadOnlySpan<byte> snapshot, out int leaderEpoch)
    {
        leaderEpoch = -1;
        if (snapshot.Length < HeaderSize + ChecksumSize || BinaryPrimitives.ReadUInt32LittleEndian(snapshot) != SnapshotMagic)
        {
            return $"{snapshot.Length} bytes that are not a producer snapshot";
        }

        if (BinaryPrimitives.ReadUInt16LittleEndian(snapshot[4..]) is var version && version != SnapshotVersion)
        {
            return $"a producer snapshot of version {version}; this program reads version {SnapshotVersion}";
        }

        var expected = BinaryPrimitives.ReadUInt32LittleEndian(snapshot[^ChecksumSize..]);
        if (Crc32C.Compute(snapshot[..^ChecksumSize]) != expected)
        {
            return "a producer snapshot with a wrong checksum";
        }

        EndOffset = BinaryPrimitives.ReadInt64LittleEndian(snapshot[6..]);
        leaderEpoch = BinaryPrimitives.ReadInt32LittleEndian(snapshot[14..]);
        var count = BinaryPrimitives.ReadInt32LittleEndian(snapshot[18..]);
        var rest = snapshot[HeaderSize..^ChecksumSize];
        for (var i = 0; i < count; i++)
        {
            if (!TryReadProducer(ref rest))
            {
                return $"a producer snapshot that breaks off in producer {i} of {count}";
            }
        }

        ForgetUntilCount(_maxProducers);
        return rest.IsEmpty ? null : $"a producer snapshot with {rest.Length} bytes too many";
    }

    private bool TryReadProducer(ref ReadOnlySpan<byte> rest)
    {
        if (rest.Length < ProducerHeaderSize
            || rest[18] > MaxBatches
            || rest.Length < ProducerHeaderSize + (rest[18] * BatchSize))
        {
            return false;
        }

        var epoch = BinaryPrimitives.ReadInt16LittleEndian(rest[8..]);
        var entry = new ProducerEntry(BinaryPrimitives.ReadInt64LittleEndian(rest), epoch)
        {
            LastSeenMs = BinaryPrimitives.ReadInt64LittleEndian(rest[10..]),
        };
        var batches = rest[18];
        rest = rest[ProducerHeaderSize..];
        for (var i = 0; i < batches; i++, rest = rest[BatchSize..])
        {
            entry.Add(epoch, new AppendedBatch(
                BinaryPrimitives.ReadInt32LittleEndian(rest),
                BinaryPrimitives.ReadInt64LittleEndian(rest[4..]),
                BinaryPrimitives.ReadInt32LittleEndian(rest[12..]),
                BinaryPrimitives.ReadInt64LittleEndian(rest[16..])));
        }

        return _producers.TryAdd(entry.ProducerId, _byAge.AddLast(entry));
    }
}
