using System.ComponentModel;

namespace OrleansStream.Engine.CodeGeneration;

/// <summary>A string, as UTF-8.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct StringCodec : IValueCodec<string?>
{
    /// <inheritdoc/>
    public WireType WireType => WireType.Bytes;

    /// <inheritdoc/>
    public bool IsImmutable => true;

    /// <inheritdoc/>
    public void Write(MessageWriter writer, string? value) => writer.WriteString(value);

    /// <inheritdoc/>
    public string? Read(ref MessageReader reader) => reader.ReadString();

    /// <inheritdoc/>
    public string? Copy(string? value) => value;
}

/// <summary>A GUID: sixteen bytes.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct GuidCodec : IValueCodec<Guid>
{
    /// <inheritdoc/>
    public WireType WireType => WireType.Bytes;

    /// <inheritdoc/>
    public bool IsImmutable => true;

    /// <inheritdoc/>
    public void Write(MessageWriter writer, Guid value) => writer.WriteGuid(value);

    /// <inheritdoc/>
    public Guid Read(ref MessageReader reader) => reader.ReadGuid();

    /// <inheritdoc/>
    public Guid Copy(Guid value) => value;
}
