using System.Buffers;

namespace OrleansStream.Metadata.Local;

/// <summary>
/// The store's files: a snapshot and the transactions since. Used by one caller at a time.
/// </summary>
/// <remarks>
/// Files are named by the transaction that they follow: <c>snapshot-N</c> is the tree after transaction N, <c>journal-N</c> has later
/// ones. Transactions are numbered without gaps, so a missing file shows. A file gets its name only when it is complete and on
/// stable storage.
/// </remarks>
internal sealed partial class MetadataJournal : IDisposable
{
    private readonly IStoreDirectory _directory;
    private readonly long _maxJournalBytes;
    private readonly ArrayBufferWriter<byte> _buffer = new();
    private readonly ArrayBufferWriter<byte> _payload = new();

    private IStoreFile _file;
    private string _fileName;
    private long _position;
    private long _durableZxid;
    private long _rotateAt;
    private string? _readOnlyReason;

    private MetadataJournal(IStoreDirectory directory, long maxJournalBytes, IStoreFile file, string fileName, long position, long durableZxid)
    {
        _directory = directory;
        _maxJournalBytes = maxJournalBytes;
        _file = file;
        _fileName = fileName;
        _position = position;
        _durableZxid = durableZxid;
        _rotateAt = maxJournalBytes;
    }

    /// <summary>Why nothing can be written until the store is opened anew; null if all is well.</summary>
    public string? ReadOnlyReason => _readOnlyReason;

    /// <summary>Whether the journal has grown beyond its bound.</summary>
    public bool IsRotationDue => _position >= _rotateAt && _readOnlyReason is null;

    /// <summary>Writes transactions and returns once they are on stable storage.</summary>
    /// <exception cref="MetadataUnavailableException">
    /// They are not. Without <see cref="MetadataUnavailableException.IsOutcomeUnknown"/> no trace of them is left and writing can go
    /// on once the disk allows it; otherwise the journal is read-only from now on.
    /// </exception>
    public void Append(IReadOnlyList<TreeTransaction> transactions)
    {
        if (_readOnlyReason is not null)
        {
            throw new MetadataUnavailableException(_readOnlyReason, isOutcomeUnknown: false);
        }

        _buffer.ResetWrittenCount();
        foreach (var transaction in transactions)
        {
            _payload.ResetWrittenCount();
            TransactionFormat.Write(transaction, _payload);
            JournalFormat.WriteRecord(_buffer, transaction.Zxid, _durableZxid, _payload.WrittenSpan);
        }

        try
        {
            _file.Write(_position, _buffer.WrittenSpan);
        }
        catch (IOException e)
        {
            throw CutBack(e);
        }

        try
        {
            _file.Flush();
        }
        catch (IOException e)
        {
            // After a failed flush nobody knows which of the pages are on the disk, and a second flush would not tell.
            throw GoReadOnly("could not be flushed", e);
        }

        _position += _buffer.WrittenCount;
        _durableZxid = transactions[^1].Zxid;
        Vouch();
    }

    /// <summary>Writes a snapshot and starts a new journal. If the disk refuses, the old one goes on.</summary>
    /// <returns>What went wrong, null if nothing did.</returns>
    public IOException? TryRotate(ZNodeTree tree)
    {
        try
        {
            WriteFile(SnapshotName(tree.LastZxid), SnapshotFormat.Write(tree).Span).Dispose();
            var header = JournalFormat.FileHeader(tree.LastZxid);
            var next = WriteFile(JournalName(tree.LastZxid), header);
            _file.Dispose();
            (_file, _fileName, _position, _rotateAt) = (next, JournalName(tree.LastZxid), header.Length, _maxJournalBytes);
            DeleteBefore(_directory, tree.LastZxid);
            return null;
        }
        catch (IOException e)
        {
            _rotateAt = _position + _maxJournalBytes;
            return e;
        }
    }

    public void Dispose()
    {
        if (_readOnlyReason is null)
        {
            try
            {
                // So that the last mark is there after a clean stop for certain.
                _file.Flush();
            }
            catch (IOException)
            {
                // Everything acknowledged was flushed before; the mark is one more safety.
            }
        }

        _file.Dispose();
    }

    private static string SnapshotName(long zxid) => $"{SnapshotPrefix}{zxid:x16}";

    private static string JournalName(long zxid) => $"{JournalPrefix}{zxid:x16}";

    private static void DeleteBefore(IStoreDirectory directory, long zxid)
    {
        foreach (var name in directory.List())
        {
            if ((TryParse(name, SnapshotPrefix, out var of) || TryParse(name, JournalPrefix, out of)) && of < zxid)
            {
                directory.Delete(name);
            }
        }
    }

    /// <summary>Writes the mark that vouches for what was just flushed. It is not waited for: the next flush takes it along.</summary>
    private void Vouch()
    {
        _buffer.ResetWrittenCount();
        JournalFormat.WriteRecord(_buffer, _durableZxid, _durableZxid, []);
        try
        {
            _file.Write(_position, _buffer.WrittenSpan);
            _position += _buffer.WrittenCount;
        }
        catch (IOException)
        {
            // The transactions are safe without it, and the next append writes over what there is of it.
        }
    }

    private MetadataUnavailableException CutBack(IOException cause)
    {
        try
        {
            _file.Truncate(_position);
            _file.Flush();
        }
        catch (IOException e)
        {
            return GoReadOnly("could not be cut back after a failed write", e);
        }

        return new MetadataUnavailableException(
            $"The metadata journal '{Full(_fileName)}' could not be written: {cause.Message} The operation had no effect; it can be tried again once the disk takes writes.",
            isOutcomeUnknown: false,
            cause);
    }

    private MetadataUnavailableException GoReadOnly(string what, IOException cause)
    {
        _readOnlyReason = $"The metadata store is read-only: its journal '{Full(_fileName)}' {what}: {cause.Message} See to the disk and restart the broker.";
        return new MetadataUnavailableException(_readOnlyReason, isOutcomeUnknown: true, cause);
    }

    private IStoreFile WriteFile(string name, ReadOnlySpan<byte> bytes) => WriteFile(_directory, name, bytes);

    private static IStoreFile WriteFile(IStoreDirectory directory, string name, ReadOnlySpan<byte> bytes)
    {
        var temporary = name + TemporarySuffix;
        var file = directory.Create(temporary);
        try
        {
            file.Write(0, bytes);
            file.Flush();
            directory.Rename(temporary, name);
            return file;
        }
        catch
        {
            file.Dispose();
            DeleteIfPossible(directory, temporary);
            throw;
        }
    }

    /// <summary>On a full disk the half of a snapshot must not take the place that the journal needs.</summary>
    private static void DeleteIfPossible(IStoreDirectory directory, string name)
    {
        try
        {
            directory.Delete(name);
        }
        catch (IOException)
        {
            // It goes when the store is opened next.
        }
    }

    private string Full(string name) => Path.Combine(_directory.FullPath, name);
}
