using OrleansStream.Protocol.Compression;

namespace OrleansStream.Protocol.Records;

/// <summary>What a broker accepts from a producer, from the topic's configuration.</summary>
public sealed record RecordBatchLimits
{
    /// <summary>Kafka's defaults.</summary>
    public static RecordBatchLimits Default { get; } = new();

    /// <summary>max.message.bytes: the largest batch, header included, as it comes (compressed).</summary>
    public int MaxMessageBytes { get; init; } = 1024 * 1024 + 12;

    /// <summary>message.timestamp.type: with <see cref="TimestampType.LogAppendTime"/> the producer's timestamps do not matter.</summary>
    public TimestampType TimestampType { get; init; } = TimestampType.CreateTime;

    /// <summary>message.timestamp.before.max.ms: how far a timestamp may lie before the broker's time.</summary>
    public long TimestampBeforeMaxMs { get; init; } = long.MaxValue;

    /// <summary>message.timestamp.after.max.ms: how far a timestamp may lie after the broker's time.</summary>
    public long TimestampAfterMaxMs { get; init; } = 3_600_000;

    /// <summary>Every record must have a key: cleanup.policy has compact. Looks into all records, compressed or not.</summary>
    public bool RequireKeys { get; init; }

    /// <summary>Control batches are accepted: from the transaction coordinator, never from a client.</summary>
    public bool AllowControl { get; init; }

    /// <summary>How deep to look; <see cref="RequireKeys"/> makes it <see cref="RecordInspection.All"/>.</summary>
    public RecordInspection Inspection { get; init; } = RecordInspection.Uncompressed;

    /// <summary>What a compressed batch may expand to when it is looked into.</summary>
    public DecompressionLimits DecompressionLimits { get; init; } = DecompressionLimits.Default;
}
