using System.Collections.Frozen;
using System.Globalization;

namespace OrleansStream.Core.Throttling;

/// <summary>The replicas of a topic that are under a replication quota, as <c>*.replication.throttled.replicas</c> lists them. Immutable.</summary>
public sealed class ThrottledReplicas
{
    private readonly bool _isAll;
    private readonly FrozenSet<(int Partition, int BrokerId)> _replicas;

    private ThrottledReplicas(bool isAll, IEnumerable<(int Partition, int BrokerId)> replicas)
        => (_isAll, _replicas) = (isAll, replicas.ToFrozenSet());

    /// <summary>No replica.</summary>
    public static ThrottledReplicas None { get; } = new(false, []);

    /// <summary>Reads a list that was validated as the configuration's value: <c>*</c> or entries <c>PARTITION:BROKER</c>.</summary>
    /// <exception cref="FormatException">An entry is something else.</exception>
    public static ThrottledReplicas Parse(IReadOnlyList<string> entries)
    {
        ArgumentNullException.ThrowIfNull(entries);
        return entries switch
        {
            [] => None,
            ["*"] => new ThrottledReplicas(true, []),
            _ => new ThrottledReplicas(false, entries.Select(ParseEntry)),
        };
    }

    /// <summary>Whether a replica is among them.</summary>
    public bool Contains(int partition, int brokerId) => _isAll || _replicas.Contains((partition, brokerId));

    private static (int Partition, int BrokerId) ParseEntry(string entry)
        => entry.Split(':') is [var partition, var broker]
            ? (int.Parse(partition, NumberStyles.None, CultureInfo.InvariantCulture), int.Parse(broker, NumberStyles.None, CultureInfo.InvariantCulture))
            : throw new FormatException($"'{entry}' is not PARTITION:BROKER.");
}
