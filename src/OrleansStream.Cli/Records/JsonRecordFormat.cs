using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;
using OrleansStream.Cli.Terminal;
using OrleansStream.Client;
using OrleansStream.Protocol.Records;

namespace OrleansStream.Cli.Records;

/// <summary>
/// One JSON object a line. Bytes that are UTF-8 are a string under their name, others are Base64 under the name with
/// "Base64" behind it, so that nothing is lost.
/// </summary>
internal sealed class JsonRecordFormat(RecordWriter writer) : IRecordFormat
{
    private readonly ArrayBufferWriter<byte> _buffer = new();
    private readonly Utf8JsonWriter _json = new(Stream.Null, JsonOutput.Options);

    /// <inheritdoc/>
    public void Write(in ConsumeResult<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?> record)
    {
        _buffer.ResetWrittenCount();
        _json.Reset(_buffer);
        _json.WriteStartObject();
        _json.WriteString("topic", record.Topic);
        _json.WriteNumber("partition", record.Partition);
        _json.WriteNumber("offset", record.Offset);
        _json.WriteNumber("timestamp", record.TimestampMs);
        WriteHeaders(record.Headers);
        WriteBytes("key", "keyBase64", record.Key);
        WriteBytes("value", "valueBase64", record.Value);
        _json.WriteEndObject();
        _json.Flush();
        writer.Write(_buffer.WrittenSpan);
        writer.Write((byte)'\n');
    }

    private void WriteHeaders(IReadOnlyList<RecordHeader> headers)
    {
        if (headers.Count == 0)
        {
            return;
        }

        _json.WriteStartArray("headers");
        foreach (var header in headers)
        {
            _json.WriteStartObject();
            _json.WriteString("key", header.Key);
            WriteBytes("value", "valueBase64", header.Value);
            _json.WriteEndObject();
        }

        _json.WriteEndArray();
    }

    private void WriteBytes(string name, string base64Name, ReadOnlyMemory<byte>? bytes)
    {
        if (bytes is not { } value)
        {
            _json.WriteNull(name);
        }
        else if (Utf8.IsValid(value.Span))
        {
            _json.WriteString(name, value.Span);
        }
        else
        {
            _json.WriteBase64String(base64Name, value.Span);
        }
    }
}
