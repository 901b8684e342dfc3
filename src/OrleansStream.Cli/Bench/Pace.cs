namespace OrleansStream.Cli.Bench;

/// <summary>
/// Says when each record of a run is due. A record's latency counts from then, not from when the sender got to it, so that
/// a stall shows in all the records that it delayed.
/// </summary>
internal sealed class Pace : IDisposable
{
    private static readonly TimeSpan LongestSleep = TimeSpan.FromMilliseconds(500);

    private readonly TimeProvider _time;
    private readonly int? _rate;
    private readonly TimeSpan? _duration;
    private readonly long? _records;
    private readonly ShortSleeper? _sleeper;

    /// <summary>A run that begins now.</summary>
    public Pace(TimeProvider time, int? rate, TimeSpan? duration, long? records)
    {
        _time = time;
        _rate = rate;
        _duration = duration;
        _records = records;
        _sleeper = rate is null ? null : new ShortSleeper();
        Start = time.GetTimestamp();
    }

    /// <summary>When the run began.</summary>
    public long Start { get; }

    /// <summary>When the record with the given number is due; the current time where there is no rate.</summary>
    public long DueAt(long number) => _rate is { } rate
        ? Start + (long)((double)number / rate * _time.TimestampFrequency)
        : _time.GetTimestamp();

    /// <summary>Waits until the record is due; false when the run is over before it.</summary>
    public async ValueTask<bool> WaitForAsync(long number, CancellationToken cancellationToken)
    {
        if (number >= _records)
        {
            return false;
        }

        if (_rate is { } rate)
        {
            var due = TimeSpan.FromSeconds((double)number / rate);
            if (due >= _duration)
            {
                return false;
            }

            for (TimeSpan left; (left = due - _time.GetElapsedTime(Start)) > TimeSpan.Zero;)
            {
                await _sleeper!.SleepAsync(left < LongestSleep ? left : LongestSleep, cancellationToken).ConfigureAwait(false);
            }

            return true;
        }

        // Looking at the clock for each record would cost as much as sending it.
        return _duration is null || (number & 0xFF) != 0 || _time.GetElapsedTime(Start) < _duration;
    }

    /// <summary>Ends the thread that waits.</summary>
    public void Dispose() => _sleeper?.Dispose();
}
