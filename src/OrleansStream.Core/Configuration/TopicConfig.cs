using System.Collections.Immutable;
using System.Globalization;
using static OrleansStream.Core.Configuration.TopicConfigKeys;

namespace OrleansStream.Core.Configuration;

/// <summary>A topic's configuration in force: what is set on the topic, over what the broker gives, over defaults. Immutable.</summary>
public sealed partial class TopicConfig
{
    private readonly ImmutableDictionary<string, ResolvedConfig> _entries;

    private TopicConfig(ImmutableDictionary<string, ResolvedConfig> entries, ImmutableArray<string> problems)
    {
        _entries = entries;
        Problems = problems;
        var policy = Get(CleanupPolicy);
        IsCompacted = policy.Contains("compact", StringComparer.Ordinal);
        IsDeleted = policy.Contains("delete", StringComparer.Ordinal);
        CompressionType = Get(CompressionTypeKey) switch
        {
            "uncompressed" => OrleansStream.CompressionType.None,
            "gzip" => OrleansStream.CompressionType.Gzip,
            "snappy" => OrleansStream.CompressionType.Snappy,
            "lz4" => OrleansStream.CompressionType.Lz4,
            "zstd" => OrleansStream.CompressionType.Zstd,
            _ => null,
        };
        CompressionGzipLevel = Get(TopicConfigKeys.CompressionGzipLevel);
        CompressionLz4Level = Get(TopicConfigKeys.CompressionLz4Level);
        CompressionZstdLevel = Get(TopicConfigKeys.CompressionZstdLevel);
        DeleteRetentionMs = Get(TopicConfigKeys.DeleteRetentionMs);
        IsFlushedBeforeAck = Get(TopicConfigKeys.Durability) == "sync";
        FileDeleteDelayMs = Get(TopicConfigKeys.FileDeleteDelayMs);
        FlushMessages = Get(TopicConfigKeys.FlushMessages);
        FlushMs = Get(TopicConfigKeys.FlushMs);
        IndexIntervalBytes = Get(TopicConfigKeys.IndexIntervalBytes);
        MaxCompactionLagMs = Get(TopicConfigKeys.MaxCompactionLagMs);
        MaxMessageBytes = Get(TopicConfigKeys.MaxMessageBytes);
        MinCleanableDirtyRatio = Get(TopicConfigKeys.MinCleanableDirtyRatio);
        MinCompactionLagMs = Get(TopicConfigKeys.MinCompactionLagMs);
        MinInsyncReplicas = Get(TopicConfigKeys.MinInsyncReplicas);
        RetentionBytes = Get(TopicConfigKeys.RetentionBytes);
        RetentionMs = Get(TopicConfigKeys.RetentionMs);
        SegmentBytes = Get(TopicConfigKeys.SegmentBytes);
        SegmentIndexBytes = Get(TopicConfigKeys.SegmentIndexBytes);
        SegmentJitterMs = Get(TopicConfigKeys.SegmentJitterMs);
        SegmentMs = Get(TopicConfigKeys.SegmentMs);
        IsUncleanLeaderElectionEnabled = Get(TopicConfigKeys.UncleanLeaderElectionEnable);
        MessageTimestampType = Get(TopicConfigKeys.MessageTimestampType) == "LogAppendTime" ? TimestampType.LogAppendTime : TimestampType.CreateTime;

        // KIP-937: the deprecated key counts where its successors have their default.
        var difference = Get(TopicConfigKeys.MessageTimestampDifferenceMaxMs);
        var before = Get(TopicConfigKeys.MessageTimestampBeforeMaxMs);
        var after = Get(TopicConfigKeys.MessageTimestampAfterMaxMs);
        MessageTimestampBeforeMaxMs = before == long.MaxValue ? difference : before;
        MessageTimestampAfterMaxMs = after == long.MaxValue ? difference : after;
    }

    /// <summary>Defaults only.</summary>
    public static TopicConfig Default { get; } = Resolve(ImmutableDictionary<string, string>.Empty, BrokerConfig.Default);

    /// <summary>Stored values that were ignored, and why; for the log.</summary>
    public ImmutableArray<string> Problems { get; }

    /// <summary>Checks what a client wants to set on a topic: names, values, and values that contradict each other.</summary>
    /// <returns>Success, or <see cref="ErrorCode.InvalidConfig"/> naming the value, the key and the rule.</returns>
    public static Outcome Validate(IReadOnlyDictionary<string, string> values, BrokerConfig broker)
    {
        ArgumentNullException.ThrowIfNull(values);
        var valid = All.Validate(values);
        if (!valid.IsSuccess)
        {
            return valid;
        }

        foreach (var key in DefaultOnly)
        {
            if (values.TryGetValue(key.Name, out var value) && !value.Trim().Equals(key.DefaultValue, StringComparison.OrdinalIgnoreCase))
            {
                return Outcome.Failure(
                    ErrorCode.InvalidConfig,
                    $"Invalid value {value} for configuration {key}: tiered storage is not supported, only {key.DefaultValue} is accepted");
            }
        }

        var config = Resolve(values, broker);
        return config.MinCompactionLagMs > config.MaxCompactionLagMs
            ? Outcome.Failure(
                ErrorCode.InvalidConfig,
                $"Conflicting configuration: min.compaction.lag.ms ({config.MinCompactionLagMs}) must not be larger than max.compaction.lag.ms ({config.MaxCompactionLagMs})")
            : Outcome.Success;
    }

    /// <summary>
    /// The configuration in force. Stored values that this version does not know or allow are left out and told in
    /// <see cref="Problems"/>: they must not keep a partition from serving.
    /// </summary>
    /// <param name="values">What is set on the topic.</param>
    /// <param name="broker">What the broker gives.</param>
    public static TopicConfig Resolve(IReadOnlyDictionary<string, string> values, BrokerConfig broker)
    {
        ArgumentNullException.ThrowIfNull(values);
        ArgumentNullException.ThrowIfNull(broker);
        var problems = ImmutableArray.CreateBuilder<string>();
        foreach (var name in values.Keys.Order(StringComparer.Ordinal))
        {
            if (All.Find(name) is { IsSuccess: false } unknown)
            {
                problems.Add(unknown.Message!);
            }
        }

        var entries = All.Keys.ToImmutableDictionary(key => key.Name, key => ResolveKey(key, values, broker, problems), StringComparer.Ordinal);
        return new TopicConfig(entries, problems.ToImmutable());
    }

    /// <summary>The value in force.</summary>
    public T Get<T>(ConfigKey<T> key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return key.Parse(_entries[key.Name].Value).Value;
    }

    /// <summary>The value in force and its source.</summary>
    /// <exception cref="KeyNotFoundException">The key is none of <see cref="TopicConfigKeys"/>.</exception>
    public ResolvedConfig Resolve(ConfigKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return _entries[key.Name];
    }

    /// <summary>All keys with the values in force, in order of their name.</summary>
    public IEnumerable<ResolvedConfig> ResolveAll() => All.Keys.Select(Resolve);

    private static ResolvedConfig ResolveKey(
        ConfigKey key, IReadOnlyDictionary<string, string> values, BrokerConfig broker, ImmutableArray<string>.Builder problems)
    {
        if (values.TryGetValue(key.Name, out var own))
        {
            if (key.Validate(own) is { IsSuccess: false } invalid)
            {
                problems.Add(invalid.Message!);
            }
            else
            {
                return new ResolvedConfig(key, own, ConfigSource.DynamicTopicConfig);
            }
        }

        foreach (var synonym in key.Synonyms)
        {
            if (broker.TryFindSet(synonym.Name, out var inherited, out var source))
            {
                return new ResolvedConfig(key, Scaled(inherited, synonym.Factor), source);
            }
        }

        return new ResolvedConfig(key, key.DefaultValue, ConfigSource.DefaultConfig);
    }

    private static string Scaled(string value, long factor)
    {
        if (factor == 1)
        {
            return value;
        }

        var units = long.Parse(value.Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        return (units < 0 ? -1 : units * factor).ToString(CultureInfo.InvariantCulture);
    }
}
