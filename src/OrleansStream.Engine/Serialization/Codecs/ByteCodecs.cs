using System.ComponentModel;

namespace OrleansStream.Engine.CodeGeneration;

/// <summary>An array of bytes. It is read into an array of its own.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct ByteArrayCodec : IValueCodec<byte[]?>
{
    /// <inheritdoc/>
    public WireType WireType => WireType.Bytes;

    /// <inheritdoc/>
    public bool IsImmutable => false;

    /// <inheritdoc/>
    public void Write(MessageWriter writer, byte[]? value)
    {
        if (value is null)
        {
            writer.WriteByte(0);
        }
        else
        {
            writer.WriteMemory(value);
        }
    }

    /// <inheritdoc/>
    public byte[]? Read(ref MessageReader reader) => reader.ReadBytes();

    /// <inheritdoc/>
    public byte[]? Copy(byte[]? value) => value?.AsSpan().ToArray();
}

/// <summary>Read-only byte memory. It is read as a slice of the message.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct ReadOnlyMemoryCodec : IValueCodec<ReadOnlyMemory<byte>>
{
    /// <inheritdoc/>
    public WireType WireType => WireType.Bytes;

    /// <inheritdoc/>
    public bool IsImmutable => false;

    /// <inheritdoc/>
    public void Write(MessageWriter writer, ReadOnlyMemory<byte> value) => writer.WriteMemory(value);

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> Read(ref MessageReader reader) => reader.ReadMemory();

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> Copy(ReadOnlyMemory<byte> value) => value.ToArray();
}
