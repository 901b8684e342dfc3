using System.Diagnostics;
using System.Globalization;

namespace OrleansStream.Faults.Running;

/// <summary>What a run tells, each line with the seconds since its start; and the violations among it. Safe for concurrent use.</summary>
public sealed class RunLog(Action<string> write)
{
    private const int MaxViolations = 100;

    private readonly Stopwatch _time = Stopwatch.StartNew();
    private readonly Lock _gate = new();
    private readonly List<string> _violations = [];

    /// <summary>Since the start.</summary>
    public TimeSpan Elapsed => _time.Elapsed;

    /// <summary>The violations so far, the first hundred of them.</summary>
    public IReadOnlyList<string> Violations
    {
        get
        {
            lock (_gate)
            {
                return [.. _violations];
            }
        }
    }

    /// <summary>Tells something.</summary>
    public void Say(string line)
    {
        lock (_gate)
        {
            write(string.Create(CultureInfo.InvariantCulture, $"{_time.Elapsed.TotalSeconds,8:F2}  {line}"));
        }
    }

    /// <summary>Tells that something must not be as it is.</summary>
    public void Violation(string line)
    {
        lock (_gate)
        {
            if (_violations.Count < MaxViolations)
            {
                _violations.Add(line);
            }
        }

        Say($"VIOLATION  {line}");
    }
}
