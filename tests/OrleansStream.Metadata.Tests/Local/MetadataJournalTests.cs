using System.Buffers.Binary;
using System.Text;
using OrleansStream.Metadata.Local;
using OrleansStream.Protocol.Checksums;

namespace OrleansStream.Metadata.Tests.Local;

public sealed class MetadataJournalTests
{
    private const long NoRotation = long.MaxValue;

    [Fact]
    public void Open_FindsTheTreeAsItWas_AfterEachAppend()
    {
        var directory = new MemoryDirectory();
        var tree = Write(directory, 20);

        var (journal, reopened, report) = MetadataJournal.Open(directory, NoRotation);
        journal.Dispose();

        ShouldEqual(reopened, tree);
        report.ShouldBe(new RecoveryReport(0, 20, 0));
    }

    [Fact]
    public void Open_KeepsEveryAcknowledgedTransaction_WhenTheMachineDiesAtAnyByte()
    {
        var directory = new MemoryDirectory();
        Write(directory, 5);
        var name = directory.LastJournal();
        var bytes = directory.ReadAll(name);
        var ends = RecordEnds(bytes);
        for (var length = JournalFormat.FileHeaderBytes; length <= bytes.Length; length++)
        {
            var torn = new MemoryDirectory();
            torn.Put(name, bytes[..length]);

            var (journal, tree, report) = MetadataJournal.Open(torn, NoRotation);

            tree.LastZxid.ShouldBe(ends.Count(end => end.End <= length && !end.IsMark), $"cut at {length}");
            var wholeEnd = ends.Where(end => end.End <= length).Select(end => end.End).DefaultIfEmpty(JournalFormat.FileHeaderBytes).Max();
            report.TornBytes.ShouldBe(length - wholeEnd, $"cut at {length}");
            torn.ReadAll(name).Length.ShouldBe(wholeEnd, $"cut at {length}");

            // It goes on from there as if nothing had happened.
            journal.Append([Create(tree, "/after")]);
            journal.Dispose();
            MetadataJournal.Open(torn, NoRotation).Tree.Nodes.ShouldContainKey("/after");
        }
    }

    [Fact]
    public void Open_IgnoresBytesThatWereNeverWritten_WhenTheTailIsZeroes()
    {
        var directory = new MemoryDirectory();
        var tree = Write(directory, 3);
        var name = directory.LastJournal();
        directory.Put(name, [.. directory.ReadAll(name), .. new byte[4096]]);

        var (_, reopened, report) = MetadataJournal.Open(directory, NoRotation);

        ShouldEqual(reopened, tree);
        report.TornBytes.ShouldBe(4096);
    }

    [Fact]
    public void Open_LosesNothingSilently_WhenAnyBitFlips()
    {
        var directory = new MemoryDirectory();
        var tree = Write(directory, 4);
        var name = directory.LastJournal();
        var bytes = directory.ReadAll(name);
        var lastMark = RecordEnds(bytes).Last(end => end.IsMark).End - JournalFormat.RecordHeaderBytes;
        for (var at = 0; at < bytes.Length; at++)
        {
            var damaged = (byte[])bytes.Clone();
            damaged[at] ^= 0x10;
            var copy = new MemoryDirectory();
            copy.Put(name, damaged);
            try
            {
                // Only the very last mark can be damaged without a trace that it was there, and it carries no data.
                ShouldEqual(MetadataJournal.Open(copy, NoRotation).Tree, tree);
                at.ShouldBeGreaterThanOrEqualTo(lastMark);
            }
            catch (Exception e) when (e is MetadataCorruptException or MetadataFormatException)
            {
                e.Message.ShouldContain(name);
                copy.ReadAll(name).ShouldBe(damaged, "a damaged journal must stay as it is");
            }
        }
    }

    [Fact]
    public void Open_NamesFileAndByte_WhenARecordInTheMiddleIsDamaged()
    {
        var directory = new MemoryDirectory();
        Write(directory, 10);
        var name = directory.LastJournal();
        var bytes = directory.ReadAll(name);
        var start = RecordEnds(bytes)[3].End;
        bytes[start + JournalFormat.RecordHeaderBytes + 2] ^= 1;
        directory.Put(name, bytes);

        var thrown = Should.Throw<MetadataCorruptException>(() => MetadataJournal.Open(directory, NoRotation));

        thrown.File.ShouldBe($"/memory/{name}");
        thrown.Offset.ShouldBe(start);
        thrown.Message.ShouldContain("transaction 3 is damaged");
        thrown.Message.ShouldContain("nothing was changed");
    }

    [Fact]
    public void Open_CutsAWholeBatch_WhenItsFirstPageWasLostBeforeTheFlush()
    {
        var directory = new MemoryDirectory();
        var tree = Write(directory, 2);
        var name = directory.LastJournal();
        var before = directory.ReadAll(name).Length;
        var (journal, _, _) = MetadataJournal.Open(directory, NoRotation);
        var first = Create(tree, "/batch-1");
        journal.Append([first, Create(tree.Apply(first), "/batch-2")]);
        var bytes = directory.ReadAll(name)[..^JournalFormat.RecordHeaderBytes];
        bytes.AsSpan(before, 40).Clear();
        directory.Put(name, bytes);

        var (_, reopened, report) = MetadataJournal.Open(directory, NoRotation);

        ShouldEqual(reopened, tree);
        report.TornBytes.ShouldBe(bytes.Length - before);
    }

    [Fact]
    public void Open_Refuses_WhenTheFormatIsNewer()
    {
        var directory = new MemoryDirectory();
        Write(directory, 1);
        var name = directory.LastJournal();
        var bytes = directory.ReadAll(name);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), 2);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(20), Crc32C.Compute(bytes.AsSpan(0, 20)));
        directory.Put(name, bytes);

        Should.Throw<MetadataFormatException>(() => MetadataJournal.Open(directory, NoRotation)).Message
            .ShouldContain("has format version 2; this version of OrleansStream reads up to 1");
    }

    [Fact]
    public void Open_Refuses_WhenAFileIsMissing()
    {
        var directory = new MemoryDirectory();
        var tree = Write(directory, 3);
        var (journal, _, _) = MetadataJournal.Open(directory, NoRotation);
        journal.TryRotate(tree).ShouldBeNull();
        journal.Append([Create(tree, "/later")]);
        directory.Delete(directory.List().Single(name => name.StartsWith("snapshot-", StringComparison.Ordinal)));

        Should.Throw<MetadataCorruptException>(() => MetadataJournal.Open(directory, NoRotation)).Message.ShouldContain("a file is missing");
    }

    [Fact]
    public void Rotation_KeepsTheTreeInASnapshotAndOneEmptyJournal()
    {
        var directory = new MemoryDirectory();
        var (journal, tree, _) = MetadataJournal.Open(directory, 4096);
        while (!journal.IsRotationDue)
        {
            tree = Append(journal, tree, $"/node-{tree.LastZxid}");
        }

        journal.TryRotate(tree).ShouldBeNull();
        var afterRotation = tree;
        directory.List().Order().ShouldBe([$"journal-{tree.LastZxid:x16}", $"snapshot-{tree.LastZxid:x16}"]);
        journal.IsRotationDue.ShouldBeFalse();
        tree = Append(journal, tree, "/later");

        var (_, reopened, report) = MetadataJournal.Open(directory, 4096);

        ShouldEqual(reopened, tree);
        report.ShouldBe(new RecoveryReport(afterRotation.LastZxid, 1, 0));
    }

    [Fact]
    public void Rotation_LosesNothing_WhenTheMachineDiesBeforeOrAfterAnyOfItsSteps()
    {
        var directory = new MemoryDirectory();
        var (journal, tree, _) = MetadataJournal.Open(directory, NoRotation);
        tree = Append(journal, tree, "/a");
        var beforeRotation = directory.Copy();
        journal.TryRotate(tree).ShouldBeNull();
        var snapshot = directory.List().Single(name => name.StartsWith("snapshot-", StringComparison.Ordinal));
        var newJournal = directory.LastJournal();

        foreach (var step in new[] { 0, 1, 2, 3 })
        {
            var crashed = beforeRotation.Copy();
            crashed.Put(step == 0 ? snapshot + ".tmp" : snapshot, directory.ReadAll(snapshot));
            if (step >= 2)
            {
                crashed.Put(step == 2 ? newJournal + ".tmp" : newJournal, directory.ReadAll(newJournal));
            }

            var (reopenedJournal, reopened, _) = MetadataJournal.Open(crashed, NoRotation);

            ShouldEqual(reopened, tree);
            crashed.List().ShouldAllBe(name => !name.EndsWith(".tmp"));
            var later = Append(reopenedJournal, reopened, "/later");
            ShouldEqual(MetadataJournal.Open(crashed, NoRotation).Tree, later);
        }
    }

    [Fact]
    public void Rotation_LeavesTheJournalInUse_WhenTheDiskIsFull()
    {
        var directory = new MemoryDirectory();
        var (journal, tree, _) = MetadataJournal.Open(directory, 4096);
        tree = Append(journal, tree, "/a", new byte[5000]);
        directory.Room = 100;

        journal.TryRotate(tree).ShouldNotBeNull().Message.ShouldBe("No space left on device");
        directory.Room = long.MaxValue;

        journal.IsRotationDue.ShouldBeFalse();
        directory.List().Count.ShouldBe(1);
        tree = Append(journal, tree, "/b");
        ShouldEqual(MetadataJournal.Open(directory, 4096).Tree, tree);
    }

    [Fact]
    public void Snapshot_IsRefused_WhenAnyBitFlips()
    {
        var directory = new MemoryDirectory();
        var (journal, tree, _) = MetadataJournal.Open(directory, NoRotation);
        tree = Append(journal, tree, "/a", Encoding.UTF8.GetBytes("data"));
        journal.TryRotate(tree).ShouldBeNull();
        var name = directory.List().Single(name => name.StartsWith("snapshot-", StringComparison.Ordinal));
        var bytes = directory.ReadAll(name);
        for (var at = 0; at < bytes.Length; at++)
        {
            var damaged = (byte[])bytes.Clone();
            damaged[at] ^= 0x04;
            directory.Put(name, damaged);

            Should.Throw<MetadataStoreException>(() => MetadataJournal.Open(directory, NoRotation), $"byte {at}");
        }
    }

    [Fact]
    public void Append_FlushesOnce_WhenManyTransactionsGoTogether()
    {
        var directory = new MemoryDirectory();
        var (journal, tree, _) = MetadataJournal.Open(directory, NoRotation);
        var before = directory.FlushCount;
        var transactions = new List<TreeTransaction>();
        for (var i = 0; i < 50; i++)
        {
            transactions.Add(Create(tree, $"/{i}"));
            tree = tree.Apply(transactions[^1]);
        }

        journal.Append(transactions);

        directory.FlushCount.ShouldBe(before + 1);
        ShouldEqual(MetadataJournal.Open(directory.AfterPowerLoss(), NoRotation).Tree, tree);
    }

    [Fact]
    public void Append_LeavesNoTrace_WhenTheDiskIsFullAtAnyByte()
    {
        var whole = new MemoryDirectory();
        Write(whole, 1);
        var recordBytes = whole.ReadAll(whole.LastJournal()).Length;
        for (var room = 0; room < recordBytes; room++)
        {
            var directory = new MemoryDirectory();
            var tree = Write(directory, 2);
            var (journal, _, _) = MetadataJournal.Open(directory, NoRotation);
            var before = directory.ReadAll(directory.LastJournal());
            var transaction = Create(tree, "/node-2-with-a-name", new byte[recordBytes]);
            directory.Room = room;

            var thrown = Should.Throw<MetadataUnavailableException>(() => journal.Append([transaction]), $"room {room}");

            thrown.IsOutcomeUnknown.ShouldBeFalse();
            thrown.Message.ShouldContain("No space left on device");
            thrown.Message.ShouldContain("The operation had no effect");
            directory.ReadAll(directory.LastJournal()).ShouldBe(before, $"room {room}");
            directory.Room = long.MaxValue;
            journal.Append([transaction]);
            ShouldEqual(MetadataJournal.Open(directory.AfterPowerLoss(), NoRotation).Tree, tree.Apply(transaction));
        }
    }

    [Fact]
    public void Append_MakesTheJournalReadOnly_WhenTheFlushFails()
    {
        var directory = new MemoryDirectory();
        var tree = Write(directory, 1);
        var (journal, _, _) = MetadataJournal.Open(directory, NoRotation);
        directory.FlushFails = true;

        Should.Throw<MetadataUnavailableException>(() => journal.Append([Create(tree, "/a")])).IsOutcomeUnknown.ShouldBeTrue();
        directory.FlushFails = false;

        var refused = Should.Throw<MetadataUnavailableException>(() => journal.Append([Create(tree, "/a")]));
        refused.IsOutcomeUnknown.ShouldBeFalse();
        refused.Message.ShouldContain("read-only");
        refused.Message.ShouldContain("restart the broker");
        journal.ReadOnlyReason.ShouldBe(refused.Message);
        ShouldEqual(MetadataJournal.Open(directory.AfterPowerLoss(), NoRotation).Tree, tree);
    }

    [Fact]
    public void Append_MakesTheJournalReadOnly_WhenAFailedWriteCannotBeCutBack()
    {
        var directory = new MemoryDirectory();
        var tree = Write(directory, 1);
        var (journal, _, _) = MetadataJournal.Open(directory, NoRotation);
        directory.Room = 5;
        directory.TruncateFails = true;

        Should.Throw<MetadataUnavailableException>(() => journal.Append([Create(tree, "/a")])).IsOutcomeUnknown.ShouldBeTrue();

        journal.ReadOnlyReason.ShouldNotBeNull();
        ShouldEqual(MetadataJournal.Open(directory.Copy(), NoRotation).Tree, tree);
    }

    private static ZNodeTree Write(MemoryDirectory directory, int count)
    {
        var (journal, tree, _) = MetadataJournal.Open(directory, NoRotation);
        for (var i = 0; i < count; i++)
        {
            tree = Append(journal, tree, $"/node-{i}", Encoding.UTF8.GetBytes($"data of {i}"));
        }

        journal.Dispose();
        return tree;
    }

    private static ZNodeTree Append(MetadataJournal journal, ZNodeTree tree, string path, byte[]? data = null)
    {
        var transaction = Create(tree, path, data);
        journal.Append([transaction]);
        return tree.Apply(transaction);
    }

    private static TreeTransaction Create(ZNodeTree tree, string path, byte[]? data = null)
        => new(tree.LastZxid + 1, 1_700_000_000_000, [new TreeChange.Create(path, data ?? [], 0)]);

    private static List<(int End, bool IsMark)> RecordEnds(byte[] bytes)
    {
        var ends = new List<(int, bool)>();
        for (var at = JournalFormat.FileHeaderBytes; JournalFormat.TryReadRecord(bytes.AsSpan(at), out var record);)
        {
            at += JournalFormat.RecordHeaderBytes + record.PayloadBytes;
            ends.Add((at, record.IsMark));
        }

        return ends;
    }

    private static void ShouldEqual(ZNodeTree actual, ZNodeTree expected)
    {
        actual.LastZxid.ShouldBe(expected.LastZxid);
        actual.Sessions.ShouldBe(expected.Sessions);
        actual.Nodes.Keys.Order().ShouldBe(expected.Nodes.Keys.Order());
        foreach (var (path, node) in expected.Nodes)
        {
            actual.Nodes[path].Stat.ShouldBe(node.Stat, path);
            actual.Nodes[path].Data.ToArray().ShouldBe(node.Data.ToArray(), path);
        }
    }
}
