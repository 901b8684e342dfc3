using System.Buffers.Binary;
using System.ComponentModel;

namespace OrleansStream.Engine.CodeGeneration;

/// <summary>A decimal number: sixteen bytes.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct DecimalCodec : IValueCodec<decimal>
{
    /// <inheritdoc/>
    public WireType WireType => WireType.Bytes;

    /// <inheritdoc/>
    public bool IsImmutable => true;

    /// <inheritdoc/>
    public void Write(MessageWriter writer, decimal value)
    {
        Span<int> parts = stackalloc int[4];
        Span<byte> bytes = stackalloc byte[16];
        decimal.GetBits(value, parts);
        for (var i = 0; i < parts.Length; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes[(i * sizeof(int))..], parts[i]);
        }

        writer.WriteBytes(bytes);
    }

    /// <inheritdoc/>
    public decimal Read(ref MessageReader reader)
    {
        var bytes = reader.ReadSpan();
        if (bytes.Length != 16)
        {
            throw reader.Malformed($"a decimal has 16 bytes, not {bytes.Length}");
        }

        Span<int> parts = stackalloc int[4];
        for (var i = 0; i < parts.Length; i++)
        {
            parts[i] = BinaryPrimitives.ReadInt32LittleEndian(bytes[(i * sizeof(int))..]);
        }

        try
        {
            return new decimal(parts);
        }
        catch (ArgumentException)
        {
            throw reader.Malformed("sixteen bytes are not a decimal");
        }
    }

    /// <inheritdoc/>
    public decimal Copy(decimal value) => value;
}
