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

/// <summary>A URI, as the string it was made from.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct UriCodec : IValueCodec<Uri?>
{
    /// <inheritdoc/>
    public WireType WireType => WireType.Bytes;

    /// <inheritdoc/>
    public bool IsImmutable => true;

    /// <inheritdoc/>
    public void Write(MessageWriter writer, Uri? value) => writer.WriteString(value?.OriginalString);

    /// <inheritdoc/>
    public Uri? Read(ref MessageReader reader)
    {
        var text = reader.ReadString();
        return text is null ? null
            : Uri.TryCreate(text, UriKind.RelativeOrAbsolute, out var uri) ? uri
            : throw reader.Malformed("a string is not a URI");
    }

    /// <inheritdoc/>
    public Uri? Copy(Uri? value) => value;
}

/// <summary>A version, as a string of two to four numbers.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct VersionCodec : IValueCodec<Version?>
{
    /// <inheritdoc/>
    public WireType WireType => WireType.Bytes;

    /// <inheritdoc/>
    public bool IsImmutable => true;

    /// <inheritdoc/>
    public void Write(MessageWriter writer, Version? value) => writer.WriteString(value?.ToString());

    /// <inheritdoc/>
    public Version? Read(ref MessageReader reader)
    {
        var text = reader.ReadString();
        return text is null ? null
            : Version.TryParse(text, out var version) ? version
            : throw reader.Malformed("a string is not a version");
    }

    /// <inheritdoc/>
    public Version? Copy(Version? value) => value;
}
