using System.Globalization;

namespace OrleansStream.Faults.Running;

/// <summary>How long partitions were without acknowledgements, by kind of fault.</summary>
public sealed class FaultTable
{
    private readonly Dictionary<string, List<(TimeSpan Longest, int Affected, TimeSpan Recovery)>> _rows = [];

    /// <summary>How many faults there were.</summary>
    public int Count { get; private set; }

    /// <summary>A fault begins; its number.</summary>
    public int Begin() => ++Count;

    /// <summary>A fault is over, for one client.</summary>
    /// <param name="name">Its kind, and the client unless that is the native one.</param>
    /// <param name="longest">The longest time that a partition was without acknowledgement.</param>
    /// <param name="affected">How many partitions were without for a second or more.</param>
    /// <param name="recovery">From its undoing until every replica was in sync again.</param>
    public void Add(string name, TimeSpan longest, int affected, TimeSpan recovery)
    {
        if (!_rows.TryGetValue(name, out var row))
        {
            _rows.Add(name, row = []);
        }

        row.Add((longest, affected, recovery));
    }

    /// <summary>The table, line by line.</summary>
    public IEnumerable<string> Lines()
    {
        yield return $"{"fault",-32} {"times",5} {"without acknowledgement: median",32} {"longest",8} {"whole again: longest",21}";
        foreach (var (name, row) in _rows.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            var longest = row.Select(one => one.Longest).Order().ToArray();
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{name,-32} {row.Count,5} {longest[longest.Length / 2].TotalSeconds,30:F1} s {longest[^1].TotalSeconds,6:F1} s {row.Max(one => one.Recovery).TotalSeconds,19:F1} s");
        }
    }
}
