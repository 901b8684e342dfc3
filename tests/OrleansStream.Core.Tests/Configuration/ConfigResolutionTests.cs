using System.Collections.Immutable;
using OrleansStream.Core.Configuration;

namespace OrleansStream.Core.Tests.Configuration;

public class ConfigResolutionTests
{
    [Fact]
    public void Create_Refuses_WhenAStaticKeyOrValueIsBad()
    {
        BrokerConfig.Create(Values(("num.partition", "3"))).Message.ShouldBe("Unknown broker config name: num.partition. Did you mean num.partitions?");
        BrokerConfig.Create(Values(("num.partitions", "0"))).Message.ShouldBe("Invalid value 0 for configuration num.partitions: Value must be at least 1");
        BrokerConfig.Create(Values(("log.retention.ms", "0"))).Message.ShouldBe("Invalid value 0 for configuration log.retention.ms: Value must be unlimited (-1) or at least 1");
    }

    [Fact]
    public void Get_TakesTheStrongestLayer()
    {
        var broker = BrokerConfig.Create(Values(("log.retention.bytes", "1"), ("message.max.bytes", "1"), ("num.partitions", "7"))).Value
            .WithDynamic(Values(("log.retention.bytes", "2"), ("message.max.bytes", "2")), Values(("log.retention.bytes", "3")));

        Resolve(broker, "log.retention.bytes").ShouldBe(("3", ConfigSource.DynamicBrokerConfig));
        Resolve(broker, "message.max.bytes").ShouldBe(("2", ConfigSource.DynamicDefaultBrokerConfig));
        Resolve(broker, "num.partitions").ShouldBe(("7", ConfigSource.StaticBrokerConfig));
        Resolve(broker, "fetch.max.bytes").ShouldBe(("57671680", ConfigSource.DefaultConfig));
        Resolve(broker, "log.retention.ms").ShouldBe((null, ConfigSource.DefaultConfig));
        broker.Get(BrokerConfigKeys.NumPartitions).ShouldBe(7);
        broker.ResolveAll().Count().ShouldBe(BrokerConfigKeys.All.Keys.Count);
    }

    [Fact]
    public void WithDynamic_LeavesOutAndTells_WhatItCannotUse()
    {
        var broker = BrokerConfig.Default.WithDynamic(Values(("unknown.key", "1"), ("num.partitions", "3")), Values(("message.max.bytes", "many")));

        broker.Problems.Length.ShouldBe(3);
        broker.Get(BrokerConfigKeys.NumPartitions).ShouldBe(1);
        Resolve(broker, "message.max.bytes").ShouldBe(("1048588", ConfigSource.DefaultConfig));
    }

    [Fact]
    public void Topic_TakesItsOwnValueThenTheBrokersThenTheDefault()
    {
        var broker = BrokerConfig.Create(Values(("log.retention.bytes", "1"), ("message.max.bytes", "5"))).Value
            .WithDynamic(Values(("min.insync.replicas", "2")), Values(("log.segment.bytes", "100")));
        var topic = TopicConfig.Resolve(Values(("retention.bytes", "9")), broker);

        topic.RetentionBytes.ShouldBe(9);
        topic.Resolve(TopicConfigKeys.RetentionBytes).Source.ShouldBe(ConfigSource.DynamicTopicConfig);
        topic.MaxMessageBytes.ShouldBe(5);
        topic.Resolve(TopicConfigKeys.MaxMessageBytes).Source.ShouldBe(ConfigSource.StaticBrokerConfig);
        topic.MinInsyncReplicas.ShouldBe(2);
        topic.Resolve(TopicConfigKeys.MinInsyncReplicas).Source.ShouldBe(ConfigSource.DynamicDefaultBrokerConfig);
        topic.SegmentBytes.ShouldBe(100);
        topic.Resolve(TopicConfigKeys.SegmentBytes).Source.ShouldBe(ConfigSource.DynamicBrokerConfig);
        topic.SegmentMs.ShouldBe(604_800_000);
        topic.Resolve(TopicConfigKeys.SegmentMs).Source.ShouldBe(ConfigSource.DefaultConfig);
    }

    [Theory]
    [InlineData("log.retention.hours", "2", 7_200_000)]
    [InlineData("log.retention.minutes", "3", 180_000)]
    [InlineData("log.retention.ms", "4", 4)]
    [InlineData("log.retention.hours", "-1", -1)]
    [InlineData("log.retention.minutes", "-1", -1)]
    public void Topic_TakesRetentionInItsUnit(string key, string value, long expectedMs)
        => TopicConfig.Resolve(Values(), BrokerConfig.Create(Values((key, value))).Value).RetentionMs.ShouldBe(expectedMs);

    [Fact]
    public void Topic_TakesTheFinestUnit_WhenSeveralAreSet()
    {
        var broker = BrokerConfig.Create(Values(("log.retention.hours", "1"), ("log.retention.minutes", "1"), ("log.retention.ms", "1"), ("log.roll.hours", "1"))).Value;
        var topic = TopicConfig.Resolve(Values(), broker);

        topic.RetentionMs.ShouldBe(1);
        topic.SegmentMs.ShouldBe(3_600_000);
    }

    [Fact]
    public void Topic_ParsesItsValues()
    {
        var topic = TopicConfig.Resolve(
            Values(
                ("cleanup.policy", "compact,delete"), ("compression.type", "zstd"), ("durability", "async"), ("message.timestamp.type", "LogAppendTime"),
                ("unclean.leader.election.enable", "true"), ("min.cleanable.dirty.ratio", "0.25")),
            BrokerConfig.Default);

        topic.IsCompacted.ShouldBeTrue();
        topic.IsDeleted.ShouldBeTrue();
        topic.CompressionType.ShouldBe(CompressionType.Zstd);
        topic.IsFlushedBeforeAck.ShouldBeFalse();
        topic.MessageTimestampType.ShouldBe(TimestampType.LogAppendTime);
        topic.IsUncleanLeaderElectionEnabled.ShouldBeTrue();
        topic.MinCleanableDirtyRatio.ShouldBe(0.25);
        TopicConfig.Default.CompressionType.ShouldBeNull();
        TopicConfig.Default.IsCompacted.ShouldBeFalse();
        TopicConfig.Default.IsFlushedBeforeAck.ShouldBeTrue();
        TopicConfig.Resolve(Values(("compression.type", "uncompressed")), BrokerConfig.Default).CompressionType.ShouldBe(CompressionType.None);
    }

    [Fact]
    public void Topic_TakesTheDeprecatedDifference_OnlyWhereTheNewKeysHaveTheirDefault()
    {
        var topic = TopicConfig.Resolve(
            Values(("message.timestamp.difference.max.ms", "10"), ("message.timestamp.after.max.ms", "5")), BrokerConfig.Default);

        topic.MessageTimestampAfterMaxMs.ShouldBe(5);
        topic.MessageTimestampBeforeMaxMs.ShouldBe(10);
    }

    [Fact]
    public void Topic_LeavesOutAndTells_WhatItCannotUse()
    {
        var topic = TopicConfig.Resolve(Values(("retention.ms", "soon"), ("no.such.key", "1")), BrokerConfig.Default);

        topic.RetentionMs.ShouldBe(604_800_000);
        topic.Problems.Length.ShouldBe(2);
    }

    [Theory]
    [InlineData("remote.storage.enable", "true", "tiered storage is not supported, only false is accepted")]
    [InlineData("local.retention.ms", "100", "tiered storage is not supported, only -2 is accepted")]
    [InlineData("remote.log.copy.disable", "true", "tiered storage is not supported")]
    public void Validate_RefusesTieredStorage_UnlessItIsTheDefault(string key, string value, string message)
    {
        TopicConfig.Validate(Values((key, value)), BrokerConfig.Default).Message!.ShouldContain(message);
        TopicConfig.Validate(Values((key, TopicConfigKeys.All.Find(key).Value.DefaultValue!)), BrokerConfig.Default).IsSuccess.ShouldBeTrue();
    }

    [Fact]
    public void Validate_RefusesContradictions_AlsoWithTheBrokersValue()
    {
        TopicConfig.Validate(Values(("min.compaction.lag.ms", "10"), ("max.compaction.lag.ms", "9")), BrokerConfig.Default).Message.ShouldBe(
            "Conflicting configuration: min.compaction.lag.ms (10) must not be larger than max.compaction.lag.ms (9)");
        var broker = BrokerConfig.Create(Values(("log.cleaner.max.compaction.lag.ms", "5"))).Value;
        TopicConfig.Validate(Values(("min.compaction.lag.ms", "10")), broker).Error.ShouldBe(ErrorCode.InvalidConfig);
    }

    private static (string? Value, ConfigSource Source) Resolve(BrokerConfig broker, string name)
    {
        var resolved = broker.Resolve(BrokerConfigKeys.All.Find(name).Value);
        return (resolved.Value, resolved.Source);
    }

    private static ImmutableDictionary<string, string> Values(params (string Key, string Value)[] values)
        => values.ToImmutableDictionary(value => value.Key, value => value.Value);
}
