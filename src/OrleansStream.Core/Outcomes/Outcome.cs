namespace OrleansStream.Core;

/// <summary>The outcome of a decision that has no value: success, or Kafka's error code with a message for the caller.</summary>
/// <param name="Error">The outcome.</param>
/// <param name="Message">What was wrong, with the value, and what would be right; null on success.</param>
public readonly record struct Outcome(ErrorCode Error, string? Message)
{
    /// <summary>Success.</summary>
    public static Outcome Success => default;

    /// <summary>Whether it went well.</summary>
    public bool IsSuccess => Error == ErrorCode.None;

    /// <summary>A failure.</summary>
    public static Outcome Failure(ErrorCode error, string message) => new(error, message);

    /// <summary>A success with a value.</summary>
    public static Outcome<T> Of<T>(T value) => new(ErrorCode.None, null, value);
}
