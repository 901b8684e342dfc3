namespace OrleansStream.Storage.Compaction;

/// <summary>What compaction may take of a process.</summary>
/// <param name="Threads">How many logs are compacted at a time (<c>log.cleaner.threads</c>); each takes one thread. 0 rests.</param>
/// <param name="DedupeBufferBytes">The memory of all maps of keys together (<c>log.cleaner.dedupe.buffer.size</c>).</param>
/// <param name="Backoff">How long to rest when there is nothing to compact (<c>log.cleaner.backoff.ms</c>).</param>
public sealed record LogCleanerOptions(int Threads, long DedupeBufferBytes, TimeSpan Backoff);
