using System.Buffers.Binary;
using System.ComponentModel;
using System.Net;
using System.Net.Sockets;

namespace OrleansStream.Engine.CodeGeneration;

/// <summary>An IP address: four or sixteen bytes, and the scope id in eight more if there is one.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct IPAddressCodec : IValueCodec<IPAddress?>
{
    internal const int MaxSize = 16 + sizeof(long);

    /// <inheritdoc/>
    public WireType WireType => WireType.Bytes;

    /// <inheritdoc/>
    public bool IsImmutable => true;

    /// <inheritdoc/>
    public void Write(MessageWriter writer, IPAddress? value)
    {
        if (value is null)
        {
            writer.WriteByte(0);
            return;
        }

        Span<byte> bytes = stackalloc byte[MaxSize];
        writer.WriteBytes(bytes[..Encode(value, bytes)]);
    }

    /// <inheritdoc/>
    public IPAddress? Read(ref MessageReader reader)
    {
        var bytes = reader.ReadSpan();
        return bytes.IsEmpty ? null : Decode(bytes) ?? throw reader.Malformed($"an IP address does not have {bytes.Length} bytes");
    }

    /// <inheritdoc/>
    public IPAddress? Copy(IPAddress? value) => value;

    internal static int Encode(IPAddress value, Span<byte> bytes)
    {
        value.TryWriteBytes(bytes, out var length);
        if (value.AddressFamily == AddressFamily.InterNetworkV6 && value.ScopeId != 0)
        {
            BinaryPrimitives.WriteInt64LittleEndian(bytes[length..], value.ScopeId);
            length += sizeof(long);
        }

        return length;
    }

    internal static IPAddress? Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length is 4 or 16)
        {
            return new IPAddress(bytes);
        }

        if (bytes.Length != MaxSize)
        {
            return null;
        }

        var scope = BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]);
        return scope is >= 0 and <= uint.MaxValue ? new IPAddress(bytes[..16], scope) : null;
    }
}

/// <summary>An IP address with a port: the port in two bytes, then the address.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct IPEndPointCodec : IValueCodec<IPEndPoint?>
{
    /// <inheritdoc/>
    public WireType WireType => WireType.Bytes;

    /// <inheritdoc/>
    public bool IsImmutable => false;

    /// <inheritdoc/>
    public void Write(MessageWriter writer, IPEndPoint? value)
    {
        if (value is null)
        {
            writer.WriteByte(0);
            return;
        }

        Span<byte> bytes = stackalloc byte[sizeof(ushort) + IPAddressCodec.MaxSize];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)value.Port);
        writer.WriteBytes(bytes[..(sizeof(ushort) + IPAddressCodec.Encode(value.Address, bytes[sizeof(ushort)..]))]);
    }

    /// <inheritdoc/>
    public IPEndPoint? Read(ref MessageReader reader)
    {
        var bytes = reader.ReadSpan();
        if (bytes.IsEmpty)
        {
            return null;
        }

        return bytes.Length > sizeof(ushort) && IPAddressCodec.Decode(bytes[sizeof(ushort)..]) is { } address
            ? new IPEndPoint(address, BinaryPrimitives.ReadUInt16LittleEndian(bytes))
            : throw reader.Malformed($"an IP end point does not have {bytes.Length} bytes");
    }

    /// <inheritdoc/>
    public IPEndPoint? Copy(IPEndPoint? value) => value is null ? null : new IPEndPoint(value.Address, value.Port);
}
