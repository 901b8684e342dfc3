using OrleansStream.Abstractions;

namespace OrleansStream.Client;

/// <summary>An administrative operation on one topic or resource was refused.</summary>
public sealed class TopicOperationException : OrleansStreamException
{
    /// <summary>An operation was refused.</summary>
    /// <param name="result">What the broker answered.</param>
    public TopicOperationException(TopicResult result)
        : base(
            (result ?? throw new ArgumentNullException(nameof(result))).Error,
            result.ErrorMessage ?? $"'{result.Name}': {result.Error}.") => Result = result;

    /// <summary>What the broker answered.</summary>
    public TopicResult Result { get; }
}
