using System.Buffers;
using OrleansStream.Core.Producers;

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
    /// <param name="logEndOffset">The end of the log; a snapshot beyond it speaks for records that are not there.</param>
    /// <param name="cancellationToken">Ends the read.</param>
    /// <returns>What was wrong with the file; null if it was used or there is none.</returns>
    public async Task<string?> ReadAsync(ProducerStateTable table, long logEndOffset, CancellationToken cancellationToken)
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

        if (!table.TryReadSnapshot(bytes, out var problem))
        {
            return $"{_path}: {problem}";
        }

        if (table.EndOffset > logEndOffset)
        {
            problem = $"{_path}: it speaks for the log up to {table.EndOffset}, which ends at {logEndOffset}";
            table.Reset(0);
        }

        return problem;
    }

    /// <summary>Replaces the file. Everything below the table's end offset must be on stable storage.</summary>
    public async Task WriteAsync(ReadOnlyMemory<byte> snapshot, CancellationToken cancellationToken)
    {
        var temporary = _path + ".new";
        await File.WriteAllBytesAsync(temporary, snapshot, cancellationToken);
        File.Move(temporary, _path, overwrite: true);
    }

    /// <summary>The bytes of a snapshot.</summary>
    public static ReadOnlyMemory<byte> Encode(ProducerStateTable table)
    {
        var output = new ArrayBufferWriter<byte>();
        table.WriteSnapshot(output);
        return output.WrittenMemory;
    }
}
