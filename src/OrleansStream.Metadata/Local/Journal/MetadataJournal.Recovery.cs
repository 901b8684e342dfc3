using System.Globalization;

namespace OrleansStream.Metadata.Local;

/// <content>Opening.</content>
internal sealed partial class MetadataJournal
{
    private const string SnapshotPrefix = "snapshot-";
    private const string JournalPrefix = "journal-";
    private const string TemporarySuffix = ".tmp";

    /// <summary>Reads the files and makes the journal ready for more.</summary>
    /// <exception cref="MetadataCorruptException">The files are damaged in a way that no crash leaves behind.</exception>
    /// <exception cref="MetadataFormatException">A file is of a newer format.</exception>
    public static (MetadataJournal Journal, ZNodeTree Tree, RecoveryReport Report) Open(IStoreDirectory directory, long maxJournalBytes)
    {
        var names = directory.List();
        var tree = ReadSnapshot(directory, names, out var snapshotZxid);
        var journals = names
            .Where(name => TryParse(name, JournalPrefix, out _))
            .Order(StringComparer.Ordinal)
            .Select(name => new JournalContent(directory.FullPath, name, directory.ReadAll(name)))
            .ToArray();

        var transactions = 0;
        var tornBytes = 0;
        var end = new JournalEnd(0, 0);
        for (var i = 0; i < journals.Length; i++)
        {
            (tree, end, var read) = Replay(journals, i, tree);
            transactions += read;
            tornBytes += end.TornBytes;
            if (end.TornBytes > 0)
            {
                Cut(directory, journals[i].Name, end.Position);
            }
        }

        var journal = journals.Length == 0
            ? Begin(directory, maxJournalBytes, tree.LastZxid)
            : Continue(directory, maxJournalBytes, journals[^1].Name, end.Position, tree.LastZxid);
        foreach (var name in names.Where(name => name.EndsWith(TemporarySuffix, StringComparison.Ordinal)))
        {
            directory.Delete(name);
        }

        return (journal, tree, new RecoveryReport(snapshotZxid, transactions, tornBytes));
    }

    private static ZNodeTree ReadSnapshot(IStoreDirectory directory, IReadOnlyList<string> names, out long zxid)
    {
        var newest = names.Where(name => TryParse(name, SnapshotPrefix, out _)).Max(StringComparer.Ordinal);
        if (newest is null)
        {
            zxid = 0;
            return ZNodeTree.Empty;
        }

        var tree = SnapshotFormat.Read(Path.Combine(directory.FullPath, newest), directory.ReadAll(newest));
        zxid = tree.LastZxid;
        return tree;
    }

    private static MetadataJournal Begin(IStoreDirectory directory, long maxJournalBytes, long zxid)
    {
        var header = JournalFormat.FileHeader(zxid);
        var file = WriteFile(directory, JournalName(zxid), header);
        return new MetadataJournal(directory, maxJournalBytes, file, JournalName(zxid), header.Length, zxid);
    }

    private static MetadataJournal Continue(IStoreDirectory directory, long maxJournalBytes, string name, long position, long zxid)
    {
        var file = directory.Open(name);
        try
        {
            // What a killed process wrote may be in the machine's cache only, and from here on it is called durable.
            file.Flush();
            return new MetadataJournal(directory, maxJournalBytes, file, name, position, zxid);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static void Cut(IStoreDirectory directory, string name, long position)
    {
        using var file = directory.Open(name);
        file.Truncate(position);
        file.Flush();
    }

    private static (ZNodeTree Tree, JournalEnd End, int Transactions) Replay(JournalContent[] journals, int index, ZNodeTree tree)
    {
        var journal = journals[index];
        var baseZxid = JournalFormat.ReadFileHeader(journal.Path, journal.Bytes);
        if (baseZxid > tree.LastZxid)
        {
            throw new MetadataCorruptException(
                journal.Path, 0, $"it follows transaction {baseZxid}, but the files before it end with transaction {tree.LastZxid}: a file is missing");
        }

        var position = JournalFormat.FileHeaderBytes;
        var transactions = 0;
        while (position < journal.Bytes.Length)
        {
            var bytes = journal.Bytes.AsSpan(position);
            if (!JournalFormat.TryReadRecord(bytes, out var record))
            {
                DemandTorn(journals, index, position, tree.LastZxid);
                return (tree, new JournalEnd(position, journal.Bytes.Length - position), transactions);
            }

            if (!record.IsMark && record.Zxid > tree.LastZxid)
            {
                tree = Apply(journal, position, record, bytes.Slice(JournalFormat.RecordHeaderBytes, record.PayloadBytes), tree);
                transactions++;
            }
            else if (record.DurableZxid > tree.LastZxid)
            {
                throw new MetadataCorruptException(
                    journal.Path, position, $"transaction {tree.LastZxid} is followed by the mark of transaction {record.DurableZxid}");
            }

            position += JournalFormat.RecordHeaderBytes + record.PayloadBytes;
        }

        return (tree, new JournalEnd(position, 0), transactions);
    }

    private static ZNodeTree Apply(JournalContent journal, int position, JournalRecord record, ReadOnlySpan<byte> payload, ZNodeTree tree)
    {
        try
        {
            return tree.Apply(TransactionFormat.Read(record.Zxid, payload));
        }
        catch (Exception e) when (e is InvalidDataException or InvalidOperationException)
        {
            throw new MetadataCorruptException(journal.Path, position, e.Message);
        }
    }

    /// <summary>
    /// A damaged record is the trace of a crash if nothing after it calls its transaction durable, in this journal or a later one.
    /// </summary>
    private static void DemandTorn(JournalContent[] journals, int index, int position, long lastZxid)
    {
        var damaged = journals[index];
        for (var i = index; i < journals.Length; i++)
        {
            var bytes = journals[i].Bytes;
            for (var at = i == index ? position + 1 : JournalFormat.FileHeaderBytes; at < bytes.Length; at++)
            {
                if (JournalFormat.TryReadRecord(bytes.AsSpan(at), out var later) && later.DurableZxid > lastZxid)
                {
                    throw new MetadataCorruptException(
                        damaged.Path,
                        position,
                        $"the record of transaction {lastZxid + 1} is damaged, although transaction {later.DurableZxid} was on stable storage when '{journals[i].Name}' was written on");
                }
            }
        }
    }

    private static bool TryParse(string name, string prefix, out long zxid)
    {
        zxid = 0;
        return name.StartsWith(prefix, StringComparison.Ordinal)
            && name.Length == prefix.Length + 16
            && long.TryParse(name.AsSpan(prefix.Length), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out zxid);
    }

    private sealed record JournalContent(string Directory, string Name, byte[] Bytes)
    {
        public string Path => System.IO.Path.Combine(Directory, Name);
    }

    private readonly record struct JournalEnd(int Position, int TornBytes);
}
