using System.Globalization;

namespace OrleansStream.Cli.Terminal;

/// <summary>
/// One line on stderr that says how far long work has come: only where stderr is a terminal, at most twice a second (slow
/// lines stay usable), and gone when the work is done. Not thread-safe.
/// </summary>
internal sealed class ProgressLine : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private readonly TextWriter? _terminal;
    private readonly TimeProvider _time;
    private readonly long _start;
    private long _lastShown;
    private bool _shown;

    private ProgressLine(TextWriter? terminal, TimeProvider time)
    {
        _terminal = terminal;
        _time = time;
        _start = _lastShown = time.GetTimestamp();
    }

    /// <summary>A line on stderr, or nothing at all where stderr is not a terminal.</summary>
    public static ProgressLine Start(TimeProvider time) => new(Console.IsErrorRedirected ? null : Console.Error, time);

    /// <summary>A line on the given writer; null for none.</summary>
    public static ProgressLine StartOn(TextWriter? terminal, TimeProvider time) => new(terminal, time);

    /// <summary>Shows the counts and their rate, if it is time to.</summary>
    /// <param name="records">Records so far.</param>
    /// <param name="bytes">Bytes so far.</param>
    /// <param name="total">How many records there will be; null if nobody knows.</param>
    public void Report(long records, long bytes, long? total = null)
    {
        if (_terminal is null || _time.GetElapsedTime(_lastShown) < Interval)
        {
            return;
        }

        _lastShown = _time.GetTimestamp();
        _shown = true;
        var seconds = _time.GetElapsedTime(_start).TotalSeconds;
        var share = total is > 0 ? $" of {Quantity.Count(total.Value)} ({100.0 * records / total.Value:F0} %)" : "";
        _terminal.Write(string.Create(
            CultureInfo.InvariantCulture,
            $"\r\e[K{Quantity.Count(records)}{share} records  {Quantity.Bytes(bytes)}  {Quantity.Count((long)(records / seconds))} records/s  {Quantity.Bytes((long)(bytes / seconds))}/s"));
        _terminal.Flush();
    }

    /// <summary>Shows something else, if it is time to.</summary>
    /// <param name="text">Makes the text; called only then.</param>
    public void Show(Func<string> text)
    {
        if (_terminal is not null && (!_shown || _time.GetElapsedTime(_lastShown) >= Interval))
        {
            _lastShown = _time.GetTimestamp();
            _shown = true;
            _terminal.Write($"\r\e[K{text()}");
            _terminal.Flush();
        }
    }

    /// <summary>Takes the line off the terminal.</summary>
    public void Dispose()
    {
        if (_shown)
        {
            _terminal!.Write("\r\e[K");
            _terminal.Flush();
            _shown = false;
        }
    }
}
