namespace OrleansStream.Core;

/// <summary>The outcome of a decision: a value, or Kafka's error code with a message for the caller.</summary>
/// <typeparam name="T">What was decided.</typeparam>
public readonly record struct Outcome<T>
{
    private readonly T? _value;

    internal Outcome(ErrorCode error, string? message, T? value)
    {
        Error = error;
        Message = message;
        _value = value;
    }

    /// <summary>The outcome.</summary>
    public ErrorCode Error { get; }

    /// <summary>What was wrong, with the value, and what would be right; null on success.</summary>
    public string? Message { get; }

    /// <summary>Whether there is a value.</summary>
    public bool IsSuccess => Error == ErrorCode.None;

    /// <summary>The value.</summary>
    /// <exception cref="InvalidOperationException">There is none; look at <see cref="Error"/> first.</exception>
    public T Value => IsSuccess ? _value! : throw new InvalidOperationException($"There is no value: {Error}, {Message}");

    /// <summary>Passes a failure on.</summary>
    /// <exception cref="ArgumentException">The outcome is a success and has no value.</exception>
    public static implicit operator Outcome<T>(Outcome failure)
        => failure.IsSuccess
            ? throw new ArgumentException("A success needs a value.", nameof(failure))
            : new Outcome<T>(failure.Error, failure.Message, default);

    /// <summary>The outcome without the value.</summary>
    public Outcome WithoutValue() => new(Error, Message);
}
