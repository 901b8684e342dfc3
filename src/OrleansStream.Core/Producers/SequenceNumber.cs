namespace OrleansStream.Core.Producers;

/// <summary>Arithmetic on producer sequence numbers, which run from 0 to <see cref="int.MaxValue"/> and then start at 0 again (KIP-98).</summary>
public static class SequenceNumber
{
    /// <summary>The sequence number of a batch that has none.</summary>
    public const int None = -1;

    /// <summary>The sequence number <paramref name="increment"/> steps after <paramref name="sequence"/>.</summary>
    public static int Add(int sequence, int increment)
        => sequence > int.MaxValue - increment
            ? increment - (int.MaxValue - sequence) - 1
            : sequence + increment;

    /// <summary>The sequence number <paramref name="decrement"/> steps before <paramref name="sequence"/>.</summary>
    public static int Subtract(int sequence, int decrement)
        => sequence < decrement
            ? int.MaxValue - (decrement - sequence) + 1
            : sequence - decrement;

    /// <summary>Whether <paramref name="next"/> directly follows <paramref name="last"/>.</summary>
    public static bool Follows(int last, int next)
        => next == last + 1L || (next == 0 && last == int.MaxValue);
}
