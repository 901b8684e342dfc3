using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace OrleansStream.Client;

/// <summary>Text as UTF-8; reading refuses nothing, as Kafka's StringDeserializer: malformed bytes become U+FFFD.</summary>
internal sealed class Utf8Serializer : ISerializer<string>, IDeserializer<string>
{
    public static Utf8Serializer Instance { get; } = new();

    public void Serialize(string value, IBufferWriter<byte> writer, in SerializationContext context)
    {
        // Three bytes are the most for one UTF-16 unit; short texts skip the counting pass.
        var size = value.Length <= 256 ? value.Length * 3 : Encoding.UTF8.GetByteCount(value);
        writer.Advance(Encoding.UTF8.GetBytes(value, writer.GetSpan(size)));
    }

    public string Deserialize(ReadOnlyMemory<byte> data, in SerializationContext context) => Encoding.UTF8.GetString(data.Span);
}

/// <summary>Integers in big-endian order, as Kafka's IntegerSerializer and LongSerializer.</summary>
internal sealed class IntegerSerializer : ISerializer<int>, IDeserializer<int>, ISerializer<long>, IDeserializer<long>
{
    public static IntegerSerializer Instance { get; } = new();

    public void Serialize(int value, IBufferWriter<byte> writer, in SerializationContext context)
    {
        BinaryPrimitives.WriteInt32BigEndian(writer.GetSpan(sizeof(int)), value);
        writer.Advance(sizeof(int));
    }

    public void Serialize(long value, IBufferWriter<byte> writer, in SerializationContext context)
    {
        BinaryPrimitives.WriteInt64BigEndian(writer.GetSpan(sizeof(long)), value);
        writer.Advance(sizeof(long));
    }

    int IDeserializer<int>.Deserialize(ReadOnlyMemory<byte> data, in SerializationContext context)
        => data.Length == sizeof(int) ? BinaryPrimitives.ReadInt32BigEndian(data.Span) : throw WrongSize(data, sizeof(int), "a 32-bit integer");

    long IDeserializer<long>.Deserialize(ReadOnlyMemory<byte> data, in SerializationContext context)
        => data.Length == sizeof(long) ? BinaryPrimitives.ReadInt64BigEndian(data.Span) : throw WrongSize(data, sizeof(long), "a 64-bit integer");

    internal static FormatException WrongSize(ReadOnlyMemory<byte> data, int expected, string what)
        => new($"{data.Length} bytes are not {what}; it takes {expected}.");
}

/// <summary>GUIDs as text in UTF-8, as Kafka's UUIDSerializer writes them; reading takes the 16 bytes of RFC 9562 as well.</summary>
internal sealed class GuidSerializer : ISerializer<Guid>, IDeserializer<Guid>
{
    private const int TextLength = 36;

    public static GuidSerializer Instance { get; } = new();

    public void Serialize(Guid value, IBufferWriter<byte> writer, in SerializationContext context)
    {
        value.TryFormat(writer.GetSpan(TextLength), out var written);
        writer.Advance(written);
    }

    public Guid Deserialize(ReadOnlyMemory<byte> data, in SerializationContext context)
    {
        if (data.Length == 16)
        {
            return new Guid(data.Span, bigEndian: true);
        }

        Span<char> text = stackalloc char[TextLength];
        return data.Length == TextLength && Encoding.ASCII.GetChars(data.Span, text) == TextLength && Guid.TryParseExact(text, "D", out var guid)
            ? guid
            : throw IntegerSerializer.WrongSize(data, TextLength, "a GUID as text");
    }
}
