using System.Globalization;
using OrleansStream.Abstractions;

namespace OrleansStream.Client;

/// <summary>Where in a partition: an offset, or a rule that finds one.</summary>
public readonly record struct OffsetSpec
{
    private readonly long _value;

    private OffsetSpec(OffsetSpecKind kind, long value)
    {
        Kind = kind;
        _value = value;
    }

    /// <summary>The first offset that the partition still has.</summary>
    public static OffsetSpec Earliest => new(OffsetSpecKind.Timestamp, ListOffsetTimestamps.Earliest);

    /// <summary>The end: only records that come later. With <see cref="IsolationLevel.ReadCommitted"/> the last stable offset.</summary>
    public static OffsetSpec Latest => new(OffsetSpecKind.Timestamp, ListOffsetTimestamps.Latest);

    /// <summary>The record with the largest timestamp (KIP-734).</summary>
    public static OffsetSpec MaxTimestamp => new(OffsetSpecKind.Timestamp, ListOffsetTimestamps.MaxTimestamp);

    /// <summary>
    /// What the consumer's group has committed; without that, what <see cref="ConsumerOptions.AutoOffsetReset"/> says. For consumers
    /// with a <see cref="ConsumerOptions.GroupId"/>.
    /// </summary>
    public static OffsetSpec Committed => new(OffsetSpecKind.Committed, 0);

    /// <summary>Whether this is <see cref="Committed"/>.</summary>
    public bool IsCommitted => Kind == OffsetSpecKind.Committed;

    /// <summary>Whether this is an offset as it stands, without a search.</summary>
    public bool IsOffset => Kind == OffsetSpecKind.Offset;

    /// <summary>The offset, where <see cref="IsOffset"/>.</summary>
    /// <exception cref="InvalidOperationException">This is a rule, not an offset.</exception>
    public long Offset => IsOffset ? _value : throw new InvalidOperationException($"{this} is not an offset but a rule that finds one.");

    /// <summary>The timestamp to ask ListOffsets for, where this is not <see cref="IsOffset"/>.</summary>
    internal long SearchTimestamp => _value;

    private OffsetSpecKind Kind { get; }

    /// <summary>Exactly this offset.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The offset is negative.</exception>
    public static OffsetSpec At(long offset)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        return new OffsetSpec(OffsetSpecKind.Offset, offset);
    }

    /// <summary>The first record whose timestamp is not before the given one; the end if there is none.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The timestamp is before 1970.</exception>
    public static OffsetSpec AtTimestamp(DateTimeOffset timestamp)
    {
        var milliseconds = timestamp.ToUnixTimeMilliseconds();
        ArgumentOutOfRangeException.ThrowIfNegative(milliseconds, nameof(timestamp));
        return new OffsetSpec(OffsetSpecKind.Timestamp, milliseconds);
    }

    /// <inheritdoc/>
    public override string ToString() => (Kind, _value) switch
    {
        (OffsetSpecKind.Offset, _) => _value.ToString(CultureInfo.InvariantCulture),
        (OffsetSpecKind.Committed, _) => "committed",
        (_, ListOffsetTimestamps.Earliest) => "earliest",
        (_, ListOffsetTimestamps.Latest) => "latest",
        (_, ListOffsetTimestamps.MaxTimestamp) => "max-timestamp",
        _ => "timestamp " + _value.ToString(CultureInfo.InvariantCulture),
    };

    private enum OffsetSpecKind : byte
    {
        Offset,
        Timestamp,
        Committed,
    }
}
