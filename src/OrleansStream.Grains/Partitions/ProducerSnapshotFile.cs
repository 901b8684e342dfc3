using System.Buffers;
using OrleansStream.Core.Producers;
using OrleansStream.Storage;

namespace OrleansStream.Grains.Partitions;

/// <summary>
/// The file beside a log with the state of its producers, so that recovery has to read only what came after. It is a
/// shortcut, never the truth: a missing, damaged or too new snapshot only makes the recovery read more.
/// </summary>
internal sealed class ProducerSnapshotFile(string directory)
{
    /// <summary>The file's name in the log's directory.</summary>
    public const string FileName = "producer-state.snapshot";

    private readonly string _path = Path.Combine(directory, FileName);

    /// <summary>Fills a table from the file.</summary>
    /// <param name="table">Empty; it stays so if there is no usable snapshot.</param>
    /// <param name="log">The log. It may have been cut since the snapshot was written, and have grown again with other records.</param>
    /// <param name="cancellationToken">Ends the read.</param>
    /// <returns>What was wrong with the file; null if it was used or there is none.</returns>
    public async Task<string?> ReadAsync(ProducerStateTable table, IPartitionLog log, CancellationToken cancellationToken)
    {
        byte[] bytes;
        try
        {
            bytes = await File.ReadAllBytesAsync(_path, cancellationToken);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (IOException exception)
        {
            return $"{_path}: {exception.Message}";
        }

        if (!table.TryReadSnapshot(bytes, out var leaderEpoch, out var problem))
        {
            return $"{_path}: {problem}";
        }

        var end = table.EndOffset;
        problem = end > log.LogEndOffset ? $"{_path}: it speaks for the log up to {end}, which ends at {log.LogEndOffset}"
            : !Holds(log, end, leaderEpoch) ? $"{_path}: it speaks for the log up to {end} in leader epoch {leaderEpoch}, which has other records there"
            : null;
        if (problem is not null)
        {
            table.Reset(0);
        }

        return problem;
    }

    /// <summary>Whether a log has the records of an epoch up to an offset: then it has the same records below as any other that has.</summary>
    private static bool Holds(IPartitionLog log, long endOffset, int leaderEpoch)
    {
        if (leaderEpoch < 0)
        {
            return endOffset <= log.LogStartOffset;
        }

        var (epoch, epochEnd) = log.EndOffsetForEpoch(leaderEpoch);
        return epoch == leaderEpoch && epochEnd >= endOffset;
    }

    /// <summary>Replaces the file. Everything below the table's end offset must be on stable storage.</summary>
    public async Task WriteAsync(ReadOnlyMemory<byte> snapshot, CancellationToken cancellationToken)
    {
        var temporary = _path + ".new";
        await File.WriteAllBytesAsync(temporary, snapshot, cancellationToken);
        File.Move(temporary, _path, overwrite: true);
    }

    /// <summary>The bytes of a snapshot.</summary>
    /// <param name="table">What is known of producers.</param>
    /// <param name="leaderEpoch">The leader epoch of the log's last batch.</param>
    public static ReadOnlyMemory<byte> Encode(ProducerStateTable table, int leaderEpoch)
    {
        var output = new ArrayBufferWriter<byte>();
        table.WriteSnapshot(output, leaderEpoch);
        return output.WrittenMemory;
    }
}
