using System.Buffers;

namespace OrleansStream.Client;

/// <summary>Bytes as they are; reading makes a copy because an array can be changed by its owner.</summary>
internal sealed class ByteArraySerializer : IMemorySerializer<byte[]>, IDeserializer<byte[]>
{
    public static ByteArraySerializer Instance { get; } = new();

    public void Serialize(byte[] value, IBufferWriter<byte> writer, in SerializationContext context) => writer.Write(value);

    public ReadOnlyMemory<byte> AsMemory(byte[] value) => value;

    public byte[] Deserialize(ReadOnlyMemory<byte> data, in SerializationContext context) => data.ToArray();
}

/// <summary>Bytes as they are, without a copy in either direction.</summary>
internal sealed class MemorySerializer :
    IMemorySerializer<ReadOnlyMemory<byte>>,
    IMemorySerializer<ReadOnlyMemory<byte>?>,
    IMemorySerializer<Memory<byte>>,
    IDeserializer<ReadOnlyMemory<byte>>,
    IDeserializer<ReadOnlyMemory<byte>?>
{
    public static MemorySerializer Instance { get; } = new();

    public void Serialize(ReadOnlyMemory<byte> value, IBufferWriter<byte> writer, in SerializationContext context) => writer.Write(value.Span);

    public void Serialize(ReadOnlyMemory<byte>? value, IBufferWriter<byte> writer, in SerializationContext context) => writer.Write(value.GetValueOrDefault().Span);

    public void Serialize(Memory<byte> value, IBufferWriter<byte> writer, in SerializationContext context) => writer.Write(value.Span);

    public ReadOnlyMemory<byte> AsMemory(ReadOnlyMemory<byte> value) => value;

    public ReadOnlyMemory<byte> AsMemory(ReadOnlyMemory<byte>? value) => value.GetValueOrDefault();

    public ReadOnlyMemory<byte> AsMemory(Memory<byte> value) => value;

    public ReadOnlyMemory<byte> Deserialize(ReadOnlyMemory<byte> data, in SerializationContext context) => data;

    ReadOnlyMemory<byte>? IDeserializer<ReadOnlyMemory<byte>?>.Deserialize(ReadOnlyMemory<byte> data, in SerializationContext context) => data;
}

/// <summary>Writes nothing but null, reads everything as null.</summary>
internal sealed class NothingSerializer : ISerializer<Null>, ISerializer<Ignore>, IDeserializer<Null?>, IDeserializer<Ignore?>
{
    public static NothingSerializer Instance { get; } = new();

    public void Serialize(Null value, IBufferWriter<byte> writer, in SerializationContext context)
    {
    }

    public void Serialize(Ignore value, IBufferWriter<byte> writer, in SerializationContext context)
    {
    }

    Null? IDeserializer<Null?>.Deserialize(ReadOnlyMemory<byte> data, in SerializationContext context) => null;

    Ignore? IDeserializer<Ignore?>.Deserialize(ReadOnlyMemory<byte> data, in SerializationContext context) => null;
}
