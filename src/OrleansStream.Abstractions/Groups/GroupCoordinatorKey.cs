using System.Globalization;

namespace OrleansStream.Abstractions;

/// <summary>The key of an <see cref="IGroupCoordinatorGrain"/>: <c>partition@brokerId</c>.</summary>
/// <param name="Partition">The partition of <c>__consumer_offsets</c>.</param>
/// <param name="BrokerId">The broker that leads it, or did.</param>
public readonly record struct GroupCoordinatorKey(int Partition, int BrokerId)
{
    /// <summary>Reads a key.</summary>
    /// <exception cref="FormatException">The text is not of the form <c>partition@brokerId</c>.</exception>
    public static GroupCoordinatorKey Parse(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        var at = key.IndexOf('@', StringComparison.Ordinal);
        return at > 0
            && int.TryParse(key.AsSpan(0, at), NumberStyles.None, CultureInfo.InvariantCulture, out var partition)
            && int.TryParse(key.AsSpan(at + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var brokerId)
                ? new GroupCoordinatorKey(partition, brokerId)
                : throw new FormatException($"'{key}' is not a group coordinator's key; expected partition@brokerId.");
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Partition}@{BrokerId}");
}
