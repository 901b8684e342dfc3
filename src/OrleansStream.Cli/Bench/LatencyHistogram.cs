using System.Numerics;

namespace OrleansStream.Cli.Bench;

/// <summary>
/// Counts durations in log-linear buckets of at most 1/128 relative width, from 1 µs to about 70 minutes, in constant
/// memory. Recording is safe from many threads; reading wants the writers to be done.
/// </summary>
internal sealed class LatencyHistogram
{
    private const int SubBucketBits = 7;
    private const int SubBuckets = 1 << SubBucketBits;
    private const int MaxExponent = 32;
    private readonly long[] _counts = new long[(MaxExponent - SubBucketBits + 2) * SubBuckets];
    private long _max;
    private long _count;
    private long _sum;

    /// <summary>How many durations were recorded.</summary>
    public long Count => Interlocked.Read(ref _count);

    /// <summary>The longest duration, exactly.</summary>
    public TimeSpan Max => TimeSpan.FromMicroseconds(Interlocked.Read(ref _max));

    /// <summary>The mean; zero for an empty histogram.</summary>
    public TimeSpan Mean => _count == 0 ? TimeSpan.Zero : TimeSpan.FromMicroseconds((double)_sum / _count);

    /// <summary>Adds a duration.</summary>
    public void Record(TimeSpan duration)
    {
        var micros = Math.Clamp(duration.Ticks / TimeSpan.TicksPerMicrosecond, 0, (1L << MaxExponent) - 1);
        Interlocked.Increment(ref _counts[IndexOf(micros)]);
        Interlocked.Increment(ref _count);
        Interlocked.Add(ref _sum, micros);
        for (var seen = Interlocked.Read(ref _max); micros > seen;)
        {
            var found = Interlocked.CompareExchange(ref _max, micros, seen);
            if (found == seen)
            {
                break;
            }

            seen = found;
        }
    }

    /// <summary>The duration that the given share of all durations does not exceed (the upper edge of its bucket).</summary>
    /// <param name="share">Between 0 and 1.</param>
    public TimeSpan Percentile(double share)
    {
        var wanted = Math.Max(1, (long)Math.Ceiling(share * _count));
        long seen = 0;
        for (var index = 0; index < _counts.Length; index++)
        {
            seen += _counts[index];
            if (seen >= wanted)
            {
                return TimeSpan.FromMicroseconds(Math.Min(UpperEdge(index), _max));
            }
        }

        return Max;
    }

    private static int IndexOf(long micros)
    {
        if (micros < SubBuckets)
        {
            return (int)micros;
        }

        var shift = BitOperations.Log2((ulong)micros) - SubBucketBits;
        return ((shift + 1) << SubBucketBits) + (int)(micros >> shift) - SubBuckets;
    }

    private static long UpperEdge(int index)
    {
        if (index < SubBuckets)
        {
            return index;
        }

        var shift = (index >> SubBucketBits) - 1;
        return (((long)(index & (SubBuckets - 1)) + SubBuckets + 1) << shift) - 1;
    }
}
