namespace OrleansStream.Core.Groups;

/// <summary>The time of a command, on two clocks.</summary>
/// <param name="WallMs">Unix milliseconds, for what is stored. May jump.</param>
/// <param name="MonotonicMs">Milliseconds of a clock that only goes forward, for time-outs.</param>
public readonly record struct CoordinatorTime(long WallMs, long MonotonicMs);
