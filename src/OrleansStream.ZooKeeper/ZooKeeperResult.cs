using System.Diagnostics.CodeAnalysis;

namespace OrleansStream.ZooKeeper;

/// <summary>A server's answer: a value, or why there is none.</summary>
/// <typeparam name="T">What the request returns on success.</typeparam>
public readonly struct ZooKeeperResult<T>
    where T : class
{
    private readonly T? _value;

    internal ZooKeeperResult(ZooKeeperError error, string path, T? value)
    {
        Error = error;
        Path = path;
        _value = value;
    }

    /// <summary>The outcome.</summary>
    public ZooKeeperError Error { get; }

    /// <summary>The path that the request was about.</summary>
    public string Path { get; }

    /// <summary>Whether there is a value.</summary>
    public bool IsSuccess => Error == ZooKeeperError.Ok;

    /// <summary>The value.</summary>
    /// <exception cref="ZooKeeperOperationException">The request failed; use this where that cannot be.</exception>
    public T Value => _value ?? throw new ZooKeeperOperationException(Error, Path);

    /// <summary>The value if there is one.</summary>
    public bool TryGetValue([NotNullWhen(true)] out T? value)
    {
        value = _value;
        return value is not null;
    }

    /// <inheritdoc/>
    public override string ToString() => IsSuccess ? $"{Path}: {_value}" : $"{Path}: {Error}";
}
