using System.Diagnostics.CodeAnalysis;

namespace OrleansStream.Metadata;

/// <summary>The outcome of an operation on a <see cref="IMetadataStore"/>: a value, or why there is none.</summary>
/// <typeparam name="T">What the operation returns on success.</typeparam>
public readonly struct MetadataResult<T>
    where T : class
{
    private readonly T? _value;

    private MetadataResult(MetadataError error, string path, T? value)
    {
        Error = error;
        Path = path;
        _value = value;
    }

    /// <summary>The outcome.</summary>
    public MetadataError Error { get; }

    /// <summary>The path that the operation was about.</summary>
    public string Path { get; }

    /// <summary>Whether the operation took effect.</summary>
    public bool IsSuccess => Error == MetadataError.None;

    /// <summary>The value.</summary>
    /// <exception cref="MetadataOperationException">The operation failed; use this where that cannot be.</exception>
    public T Value => _value ?? throw new MetadataOperationException(Error, Path);

    /// <summary>A success.</summary>
    public static MetadataResult<T> Success(string path, T value) => new(MetadataError.None, path, value);

    /// <summary>A failure.</summary>
    public static MetadataResult<T> Failure(string path, MetadataError error) => new(error, path, null);

    /// <summary>The value if there is one.</summary>
    public bool TryGetValue([NotNullWhen(true)] out T? value)
    {
        value = _value;
        return value is not null;
    }

    /// <inheritdoc/>
    public override string ToString() => IsSuccess ? $"{Path}: {_value}" : $"{Path}: {Error}";
}
