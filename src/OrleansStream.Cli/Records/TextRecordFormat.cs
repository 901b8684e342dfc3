using System.Text;
using OrleansStream.Cli.Terminal;
using OrleansStream.Client;
using OrleansStream.Protocol.Records;

namespace OrleansStream.Cli.Records;

/// <summary>
/// The value as it is, after the parts that were asked for: timestamp, partition, offset, headers, key. A key or value that
/// is null is written as nothing.
/// </summary>
internal sealed class TextRecordFormat(RecordWriter writer, byte[] separator) : IRecordFormat
{
    /// <summary>Whether to write the key.</summary>
    public bool PrintKey { get; init; }

    /// <summary>Whether to write the headers.</summary>
    public bool PrintHeaders { get; init; }

    /// <summary>Whether to write the timestamp.</summary>
    public bool PrintTimestamp { get; init; }

    /// <summary>Whether to write the partition.</summary>
    public bool PrintPartition { get; init; }

    /// <summary>Whether to write the offset.</summary>
    public bool PrintOffset { get; init; }

    /// <inheritdoc/>
    public void Write(in ConsumeResult<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?> record)
    {
        if (PrintTimestamp)
        {
            writer.Write(record.TimestampMs);
            writer.Write(separator);
        }

        if (PrintPartition)
        {
            writer.Write(record.Partition);
            writer.Write(separator);
        }

        if (PrintOffset)
        {
            writer.Write(record.Offset);
            writer.Write(separator);
        }

        if (PrintHeaders)
        {
            WriteHeaders(record.Headers);
            writer.Write(separator);
        }

        if (PrintKey)
        {
            writer.Write(record.Key.GetValueOrDefault().Span);
            writer.Write(separator);
        }

        writer.Write(record.Value.GetValueOrDefault().Span);
        writer.Write((byte)'\n');
    }

    private void WriteHeaders(IReadOnlyList<RecordHeader> headers)
    {
        for (var index = 0; index < headers.Count; index++)
        {
            if (index > 0)
            {
                writer.Write((byte)',');
            }

            writer.Write(Encoding.UTF8.GetBytes(headers[index].Key));
            writer.Write((byte)':');
            writer.Write(headers[index].Value.GetValueOrDefault().Span);
        }
    }
}
