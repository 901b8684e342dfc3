namespace OrleansStream.Protocol.Records;

/// <summary>The outcome of a check: <see cref="ErrorCode.None"/>, or a code and what is wrong.</summary>
/// <param name="Error">The code to answer with.</param>
/// <param name="Message">What is wrong, with the value, and what would be right; null when all is well.</param>
public readonly record struct ValidationResult(ErrorCode Error, string? Message)
{
    /// <summary>All is well.</summary>
    public static ValidationResult Valid => default;

    /// <summary>True when nothing is wrong.</summary>
    public bool IsValid => Error == ErrorCode.None;

    /// <summary>Throws what is wrong.</summary>
    /// <exception cref="ProtocolException">The check failed.</exception>
    public void ThrowIfInvalid()
    {
        if (!IsValid)
        {
            throw new ProtocolException(Error, Message ?? Error.WireName());
        }
    }
}
