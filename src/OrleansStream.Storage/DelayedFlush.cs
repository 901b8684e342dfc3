namespace OrleansStream.Storage;

/// <summary>
/// When a log with <c>durability=async</c> brings its appends to stable storage: after so many records, after so much time, when
/// a quarter of its buffer waits, or when somebody waits for it; whichever comes first.
/// </summary>
/// <param name="Records"><c>flush.messages</c>.</param>
/// <param name="IntervalMs"><c>flush.ms</c>; appends are looked at, and every second the housekeeping looks too, whatever the interval.</param>
public sealed record DelayedFlush(long Records, long IntervalMs);
