namespace Orleans.Serialization;

/// <summary>Stands for an exception from another process whose own type cannot be made here.</summary>
public sealed class UnavailableExceptionFallbackException : Exception
{
    /// <summary>Without a message.</summary>
    public UnavailableExceptionFallbackException()
    {
    }

    /// <summary>With a message and a cause.</summary>
    public UnavailableExceptionFallbackException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    internal UnavailableExceptionFallbackException(string exceptionType, string message, Exception? innerException)
        : base(message, innerException)
    {
        ExceptionType = exceptionType;
    }

    /// <summary>The name of the original type.</summary>
    public string? ExceptionType { get; }

    /// <inheritdoc/>
    public override string ToString()
        => string.IsNullOrWhiteSpace(ExceptionType) ? $"Unknown exception: {base.ToString()}" : $"Unknown exception of type {ExceptionType}: {base.ToString()}";
}
