namespace OrleansStream.Storage.Compaction;

/// <summary>A log that the cleaner may compact, as its owner offers it. Callable from any thread.</summary>
public interface ICompactionTarget
{
    /// <summary>The log.</summary>
    ICompactableLog Log { get; }

    /// <summary>Says what a pass may do now; null if the replica has no word on that, or its topic is not compacted.</summary>
    Task<CompactionRequest?> PrepareAsync(CancellationToken cancellationToken);
}
