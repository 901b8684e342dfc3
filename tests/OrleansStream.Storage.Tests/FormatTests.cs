using System.Text;
using OrleansStream.Storage.Checkpoints;
using OrleansStream.Storage.Entries;
using OrleansStream.Storage.Files;
using OrleansStream.Storage.Indexes;
using OrleansStream.Storage.Tests.Simulation;

namespace OrleansStream.Storage.Tests;

/// <summary>What is on disk is frozen: another version of the code must read it, so none of these may change without a new format version.</summary>
public sealed class FormatTests
{
    [Fact]
    public void Entry_HasTheseBytes_ForABatchAndForMarkers()
    {
        var batch = Batches.Stamp(Convert.FromHexString("0000000000000000000000330000000002A1B2C3D4000000000000000001020304050607080102030405060708FFFFFFFFFFFFFFFFFFFFFFFFFFFF000000010C"), 77, 5);
        Entry(new EntryHeader(EntryKind.Batch, 100, 40, batch.Length), batch, 4096).ShouldBe("9AC14CDC01004F53640000002800000040000000000000000000004D000000330000000502A1B2C3D4000000000000000001020304050607080102030405060708FFFFFFFFFFFFFFFFFFFFFFFFFFFF000000010CA5");
        Entry(new EntryHeader(EntryKind.Continuation, 64, 0, 9000), [1, 2, 3], 8192).ShouldBe("D7FD846A02004F53400000000000000028230000010203A5");
        var head = new byte[HeadTruncation.Size];
        new HeadTruncation(12, 3, 4).Write(head);
        Entry(new EntryHeader(EntryKind.HeadTruncation, 1, 2, head.Length), head, 64).ShouldBe("1A64BFAC03004F530100000002000000180000000C0000000000000003000000000000000400000000000000A5");
        var tail = new byte[TailTruncation.Size];
        new TailTruncation(12, 3, 4, 5).Write(tail);
        Entry(new EntryHeader(EntryKind.TailTruncation, 1, 2, tail.Length), tail, 64).ShouldBe("DCDA8E7604004F530100000002000000200000000C00000000000000030000000000000004000000000000000500000000000000A5");
        HeadTruncation.Read(head).ShouldBe(new HeadTruncation(12, 3, 4));
        TailTruncation.Read(tail).ShouldBe(new TailTruncation(12, 3, 4, 5));
    }

    [Fact]
    public void CheckpointAndIndex_HaveTheseBytes_AndComeBack()
    {
        var files = new SimulatedFileSystem();
        var checkpoint = new LogCheckpoint
        {
            Generation = 1,
            CleanShutdown = true,
            Address = 2,
            PreviousAddress = 3,
            FirstSegment = 4,
            FirstUnindexedSegment = 5,
            LogStartOffset = 6,
            LogEndOffset = 7,
            MaxTimestamp = 8,
            MaxTimestampOffset = 9,
            Epochs = [new EpochStart(10, 11)],
            VoidRanges = [new VoidRange(12, 13)],
            Entries = [new IndexEntry(14, 15, 16)],
        };
        checkpoint.Save(files, "/log");
        Convert.ToHexString(files.Content("/log/checkpoint")).ShouldBe("4F4C435001000000010000000100000002000000000000000300000000000000040000000500000006000000000000000700000000000000080000000000000009000000000000000100000001000000010000000A0000000B000000000000000C000000000000000D000000000000000E000000000000000F00000000000000100000000000000075635CC9");
        var loaded = LogCheckpoint.TryLoad(files, "/log", out var isDamaged).ShouldNotBeNull();
        isDamaged.ShouldBeFalse();
        (loaded with { Epochs = [], VoidRanges = [], Entries = [] }).ShouldBe(checkpoint with { Epochs = [], VoidRanges = [], Entries = [] });
        loaded.Epochs.ShouldBe(checkpoint.Epochs);
        loaded.VoidRanges.ShouldBe(checkpoint.VoidRanges);
        loaded.Entries.ShouldBe(checkpoint.Entries);

        using var handles = new FileHandleCache(files, 1);
        using var segments = new SegmentFiles(files, handles, "/log", 1, new LogGeometry(4096, 1 << 20));
        SegmentIndexFile.Save(segments, 3, [new IndexEntry(14, 15, 16)]);
        Convert.ToHexString(files.Content("/log/00000001-0000000003.index")).ShouldBe("4F4C4958010000000100000003000000010000000E000000000000000F000000000000001000000000000000F1B59193");
        SegmentIndexFile.TryLoad(segments, 3).ShouldBe([new IndexEntry(14, 15, 16)]);
    }

    [Fact]
    public void Checkpoint_OfANewerVersion_IsRefused()
    {
        var files = new SimulatedFileSystem();
        new LogCheckpoint().Save(files, "/log");
        var content = files.Content("/log/checkpoint");
        content[4] = 2;
        BitConverter.TryWriteBytes(content.AsSpan(content.Length - 4), Protocol.Checksums.Crc32C.Compute(content.AsSpan(0, content.Length - 4)));
        files.SetContent("/log/checkpoint", content);
        Should.Throw<InvalidDataException>(() => LogCheckpoint.TryLoad(files, "/log", out _)).Message.ShouldContain("format version 2");
    }

    [Fact]
    public void Identity_HasThisText()
    {
        var files = new SimulatedFileSystem();
        var identity = new LogIdentity(1, "orders", 3, new Guid("6f1f4c46-8f5c-4a57-9a5c-0d3c1b2a9d11"), 0, 65536, 1 << 26);
        identity.Save(files, "/log");
        Encoding.UTF8.GetString(files.Content("/log/partition.json")).ReplaceLineEndings("\n").ShouldBe("""
            {
              "formatVersion": 1,
              "topic": "orders",
              "partition": 3,
              "topicId": "6f1f4c46-8f5c-4a57-9a5c-0d3c1b2a9d11",
              "generation": 0,
              "pageBytes": 65536,
              "segmentBytes": 67108864,
              "checksum": 3820198817
            }
            """.ReplaceLineEndings("\n"));
    }

    private static string Entry(EntryHeader header, byte[] payload, long address)
    {
        var entry = new byte[EntryHeader.LengthFor(payload.Length)];
        payload.CopyTo(entry.AsSpan(EntryHeader.Size));
        header.Write(entry, address);
        EntryHeader.TryRead(entry, entry.Length, address, out var read).ShouldBe(true);
        read.ShouldBe(header);
        EntryHeader.TryRead(entry, entry.Length, address + 4, out _).ShouldBe(false, "bytes of another place do not pass");
        return Convert.ToHexString(entry);
    }
}
