namespace Orleans.Serialization;

/// <summary>Stands for an exception from another process whose own type cannot be made here.</summary>
public sealed class UnavailableExceptionFallbackException : Exception
{
    private readonly string? _remoteStackTrace;

    /// <summary>Without a message.</summary>
    public UnavailableExceptionFallbackException()
    {
    }

    /// <summary>With a message and a cause.</summary>
    public UnavailableExceptionFallbackException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    internal UnavailableExceptionFallbackException(string exceptionType, string message, Exception? innerException, string? remoteStackTrace)
        : base(message, innerException)
    {
        ExceptionType = exceptionType;
        _remoteStackTrace = remoteStackTrace;
    }

    /// <summary>The name of the original type.</summary>
    public string? ExceptionType { get; internal set; }

    /// <inheritdoc/>
    public override string ToString()
        => string.IsNullOrWhiteSpace(ExceptionType) ? base.ToString() : $"Unknown exception of type {ExceptionType}: {base.ToString()}{Environment.NewLine}{_remoteStackTrace}";
}
