using System.Globalization;
using OrleansStream.Engine.CodeGeneration;

namespace OrleansStream.Engine.Messaging;

/// <summary>The request context on the wire.</summary>
internal static class RequestContextCodec
{
    private const int MaxEntryCount = 1024;

    private enum ValueKind : byte
    {
        Text,
        Boolean,
        Int32,
        Int64,
        Double,
        Guid,
        Time,
        Bytes,
    }

    public static void Write(MessageWriter writer, Dictionary<string, object> context)
    {
        writer.WriteVarUInt32((uint)context.Count);
        foreach (var (key, value) in context)
        {
            writer.WriteString(key);
            switch (value)
            {
                case string text:
                    writer.WriteByte((byte)ValueKind.Text);
                    writer.WriteString(text);
                    break;
                case bool boolean:
                    writer.WriteByte((byte)ValueKind.Boolean);
                    writer.WriteBoolean(boolean);
                    break;
                case int number:
                    writer.WriteByte((byte)ValueKind.Int32);
                    writer.WriteVarInt32(number);
                    break;
                case long number:
                    writer.WriteByte((byte)ValueKind.Int64);
                    writer.WriteVarInt64(number);
                    break;
                case double number:
                    writer.WriteByte((byte)ValueKind.Double);
                    writer.WriteDouble(number);
                    break;
                case Guid guid:
                    writer.WriteByte((byte)ValueKind.Guid);
                    writer.WriteGuid(guid);
                    break;
                case DateTimeOffset time:
                    writer.WriteByte((byte)ValueKind.Time);
                    writer.WriteString(time.ToString("O", CultureInfo.InvariantCulture));
                    break;
                case byte[] bytes:
                    writer.WriteByte((byte)ValueKind.Bytes);
                    writer.WriteBytes(bytes);
                    break;
                default:
                    throw new NotSupportedException(
                        $"The request context's value '{key}' is a {value?.GetType().ToString() ?? "null"}; only strings, Booleans, numbers, Guid, DateTimeOffset and byte arrays can leave the process.");
            }
        }
    }

    public static Dictionary<string, object> Read(ref MessageReader reader)
    {
        var count = reader.ReadVarUInt32();
        if (count > MaxEntryCount)
        {
            throw reader.Malformed($"a request context of {count} entries; at most {MaxEntryCount} are allowed");
        }

        var context = new Dictionary<string, object>((int)count, StringComparer.Ordinal);
        for (var i = 0; i < count; i++)
        {
            var key = reader.ReadString() ?? string.Empty;
            var kind = (ValueKind)reader.ReadByte();
            context[key] = kind switch
            {
                ValueKind.Text => reader.ReadString()!,
                ValueKind.Boolean => reader.ReadBoolean(),
                ValueKind.Int32 => reader.ReadVarInt32(),
                ValueKind.Int64 => reader.ReadVarInt64(),
                ValueKind.Double => reader.ReadDouble(),
                ValueKind.Guid => reader.ReadGuid(),
                ValueKind.Time => DateTimeOffset.Parse(reader.ReadString()!, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind),
                ValueKind.Bytes => reader.ReadBytes()!,
                _ => throw reader.Malformed($"a request context value of kind {kind}"),
            };
        }

        return context;
    }
}
