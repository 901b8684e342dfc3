namespace OrleansStream.Simulation.Tests.Scheduling;

/// <summary>Random numbers that a seed determines, on every machine and runtime (SplitMix64).</summary>
internal sealed class SimRandom(long seed)
{
    private ulong _state = unchecked((ulong)seed * 0x9E3779B97F4A7C15UL);

    /// <summary>A number from 0 to <paramref name="bound"/> - 1.</summary>
    public int Below(int bound)
    {
        _state += 0x9E3779B97F4A7C15UL;
        var z = _state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return (int)((z ^ (z >> 31)) % (ulong)bound);
    }

    public int Between(int low, int high) => low + Below(high - low + 1);

    public bool OneIn(int count) => Below(count) == 0;

    public T Pick<T>(IReadOnlyList<T> items) => items[Below(items.Count)];
}
