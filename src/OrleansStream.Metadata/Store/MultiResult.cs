using System.Collections.Immutable;

namespace OrleansStream.Metadata;

/// <summary>The outcome of a multi: all of its operations took effect, or none did.</summary>
/// <param name="Error">None, or the failed operation's outcome.</param>
/// <param name="FailedIndex">The first operation that failed; -1 on success.</param>
/// <param name="Results">One outcome for each operation, in order.</param>
public sealed record MultiResult(MetadataError Error, int FailedIndex, ImmutableArray<MultiOperationResult> Results)
{
    /// <summary>Whether the operations took effect.</summary>
    public bool IsSuccess => Error == MetadataError.None;

    /// <summary>Returns this if the operations took effect.</summary>
    /// <exception cref="MetadataOperationException">They did not; use this where that cannot be.</exception>
    public MultiResult OrThrow() => IsSuccess ? this : throw new MetadataOperationException(Error, Results[FailedIndex].Path);
}
