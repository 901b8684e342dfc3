using OrleansStream.Core.Configuration;

namespace OrleansStream.Core.Tests.Configuration;

public class ConfigDefinitionsTests
{
    /// <summary>Name, type, default and rule of each key are what clients see; they only grow.</summary>
    private static readonly string[] TopicKeys =
    [
        "cleanup.policy|List|delete|[compact, delete]",
        "compression.gzip.level|Int|-1|[1,...,9] or -1",
        "compression.lz4.level|Int|9|[1,...,17]",
        "compression.type|String|producer|[uncompressed, zstd, lz4, snappy, gzip, producer]",
        "compression.zstd.level|Int|3|[-131072,...,22]",
        "delete.retention.ms|Long|86400000|[0,...]",
        "durability|String|sync|[sync, async]",
        "file.delete.delay.ms|Long|60000|[0,...]",
        "flush.messages|Long|9223372036854775807|[1,...]",
        "flush.ms|Long|9223372036854775807|[0,...]",
        "follower.replication.throttled.replicas|List||[partitionId]:[brokerId],[partitionId]:[brokerId],... or *",
        "index.interval.bytes|Int|4096|[0,...]",
        "leader.replication.throttled.replicas|List||[partitionId]:[brokerId],[partitionId]:[brokerId],... or *",
        "local.retention.bytes|Long|-2|[-2,...]",
        "local.retention.ms|Long|-2|[-2,...]",
        "max.compaction.lag.ms|Long|9223372036854775807|[1,...]",
        "max.message.bytes|Int|1048588|[0,...]",
        "message.downconversion.enable|Boolean|true|",
        "message.format.version|String|3.0-IV1|non-empty string",
        "message.timestamp.after.max.ms|Long|9223372036854775807|[0,...]",
        "message.timestamp.before.max.ms|Long|9223372036854775807|[0,...]",
        "message.timestamp.difference.max.ms|Long|9223372036854775807|[0,...]",
        "message.timestamp.type|String|CreateTime|[CreateTime, LogAppendTime]",
        "min.cleanable.dirty.ratio|Double|0.5|[0,...,1]",
        "min.compaction.lag.ms|Long|0|[0,...]",
        "min.insync.replicas|Int|1|[1,...]",
        "preallocate|Boolean|false|",
        "remote.log.copy.disable|Boolean|false|",
        "remote.log.delete.on.disable|Boolean|false|",
        "remote.storage.enable|Boolean|false|",
        "retention.bytes|Long|-1|[-1,...]",
        "retention.ms|Long|604800000|[-1,...]",
        "segment.bytes|Int|1073741824|[14,...]",
        "segment.index.bytes|Int|10485760|[4,...]",
        "segment.jitter.ms|Long|0|[0,...]",
        "segment.ms|Long|604800000|[1,...]",
        "unclean.leader.election.enable|Boolean|false|",
    ];

    [Fact]
    public void TopicKeys_AreThoseOfKafkaAndDurability()
        => TopicConfigKeys.All.Keys.Select(key => $"{key.Name}|{key.Type}|{key.DefaultValue}|{key.AllowedValues}").ShouldBe(TopicKeys);

    [Fact]
    public void BrokerKeys_HaveTheirDefaultsAndRestrictions()
    {
        Describe("num.partitions").ShouldBe("Int|1|[1,...]|read-only");
        Describe("default.replication.factor").ShouldBe("Int|1|[1,...,32767]|read-only");
        Describe("auto.create.topics.enable").ShouldBe("Boolean|true||read-only");
        Describe("delete.topic.enable").ShouldBe("Boolean|true||read-only");
        Describe("log.retention.ms").ShouldBe("Long||-1 or [1,...]|dynamic");
        Describe("log.retention.minutes").ShouldBe("Int||-1 or [1,...]|read-only");
        Describe("log.retention.hours").ShouldBe("Int|168|-1 or [1,...]|read-only");
        Describe("log.retention.bytes").ShouldBe("Long|-1|[-1,...]|dynamic");
        Describe("log.retention.check.interval.ms").ShouldBe("Long|300000|[1,...]|read-only");
        Describe("log.segment.bytes").ShouldBe("Int|1073741824|[14,...]|dynamic");
        Describe("message.max.bytes").ShouldBe("Int|1048588|[0,...]|dynamic");
        Describe("offsets.topic.num.partitions").ShouldBe("Int|50|[1,...]|read-only");
        Describe("offsets.topic.replication.factor").ShouldBe("Short|3|[1,...]|read-only");
        Describe("group.initial.rebalance.delay.ms").ShouldBe("Int|3000|[0,...]|read-only");
        Describe("transaction.max.timeout.ms").ShouldBe("Int|900000|[1,...]|read-only");
        Describe("queued.max.requests").ShouldBe("Int|500|[1,...]|read-only");
        Describe("log.buffer.memory.bytes").ShouldBe("Long|536870912|[16777216,...]|read-only");

        static string Describe(string name)
        {
            var key = BrokerConfigKeys.All.Find(name).Value;
            return $"{key.Type}|{key.DefaultValue}|{key.AllowedValues}|{(key.IsReadOnly ? "read-only" : "dynamic")}";
        }
    }

    [Fact]
    public void EveryKey_IsDocumentedAndHasAName()
    {
        foreach (var key in TopicConfigKeys.All.Keys.Concat(BrokerConfigKeys.All.Keys))
        {
            key.Documentation.ShouldEndWith(".", customMessage: key.Name);
            key.Documentation.Length.ShouldBeGreaterThan(20, key.Name);
        }
    }

    [Fact]
    public void TopicDefaults_EqualTheBrokersDefaults_WhereThereIsASynonym()
    {
        foreach (var key in TopicConfigKeys.All.Keys)
        {
            foreach (var synonym in key.Synonyms)
            {
                BrokerConfigKeys.All.TryGet(synonym.Name, out var broker).ShouldBeTrue(synonym.Name);
                if (broker!.DefaultValue is { } value)
                {
                    var scaled = synonym.Factor == 1 ? value : (long.Parse(value) * synonym.Factor).ToString();
                    scaled.ShouldBe(key.DefaultValue, $"{key} from {synonym.Name}");
                }
            }
        }
    }

    [Theory]
    [InlineData("retention.mss", "retention.ms")]
    [InlineData("retention_ms", "retention.ms")]
    [InlineData("Retention.Ms", "retention.ms")]
    [InlineData("cleanup.polcy", "cleanup.policy")]
    [InlineData("min.insync.replica", "min.insync.replicas")]
    public void Find_SuggestsTheNearestName_WhenAKeyIsUnknown(string name, string nearest)
    {
        var outcome = TopicConfigKeys.All.Find(name);

        outcome.Error.ShouldBe(ErrorCode.InvalidConfig);
        outcome.Message.ShouldBe($"Unknown topic config name: {name}. Did you mean {nearest}?");
    }

    [Theory]
    [InlineData("")]
    [InlineData("quite.something.else.altogether")]
    public void Find_SuggestsNothing_WhenNoNameIsNear(string name)
        => TopicConfigKeys.All.Find(name).Message.ShouldBe($"Unknown topic config name: {name}");

    [Theory]
    [InlineData("retention.ms", "abc", "Invalid value abc for configuration retention.ms: Not a number of type LONG")]
    [InlineData("retention.ms", "", "Invalid value  for configuration retention.ms: Not a number of type LONG")]
    [InlineData("retention.ms", "-2", "Invalid value -2 for configuration retention.ms: Value must be at least -1")]
    [InlineData("retention.ms", "9223372036854775808", "Invalid value 9223372036854775808 for configuration retention.ms: Not a number of type LONG")]
    [InlineData("segment.bytes", "2147483648", "Invalid value 2147483648 for configuration segment.bytes: Not a number of type INT")]
    [InlineData("segment.bytes", "13", "Invalid value 13 for configuration segment.bytes: Value must be at least 14")]
    [InlineData("segment.bytes", "1.5", "Invalid value 1.5 for configuration segment.bytes: Not a number of type INT")]
    [InlineData("min.insync.replicas", "0", "Invalid value 0 for configuration min.insync.replicas: Value must be at least 1")]
    [InlineData("min.cleanable.dirty.ratio", "1.1", "Invalid value 1.1 for configuration min.cleanable.dirty.ratio: Value must be no more than 1")]
    [InlineData("min.cleanable.dirty.ratio", "NaN", "Invalid value NaN for configuration min.cleanable.dirty.ratio: Not a number of type DOUBLE")]
    [InlineData("preallocate", "yes", "Invalid value yes for configuration preallocate: Expected value to be either true or false")]
    [InlineData("cleanup.policy", "keep", "Invalid value keep for configuration cleanup.policy: 'keep' is none of: compact, delete")]
    [InlineData("cleanup.policy", "", "Invalid value  for configuration cleanup.policy: List must not be empty; it takes: compact, delete")]
    [InlineData("cleanup.policy", "compact,,delete", "Invalid value compact,,delete for configuration cleanup.policy: '' is none of: compact, delete")]
    [InlineData("compression.type", "brotli", "Invalid value brotli for configuration compression.type: String must be one of: uncompressed, zstd, lz4, snappy, gzip, producer")]
    [InlineData("compression.gzip.level", "0", "Invalid value 0 for configuration compression.gzip.level: Value must be between 1 and 9 or equal to -1")]
    [InlineData("compression.lz4.level", "18", "Invalid value 18 for configuration compression.lz4.level: Value must be no more than 17")]
    [InlineData("message.timestamp.type", "createtime", "Invalid value createtime for configuration message.timestamp.type: String must be one of: CreateTime, LogAppendTime")]
    [InlineData("message.format.version", "", "Invalid value  for configuration message.format.version: String must be non-empty")]
    [InlineData("leader.replication.throttled.replicas", "0-1", "Invalid value 0-1 for configuration leader.replication.throttled.replicas: '0-1' must be * or a list of PARTITION:BROKER")]
    [InlineData("durability", "maybe", "Invalid value maybe for configuration durability: String must be one of: sync, async")]
    public void Validate_NamesValueKeyAndRule_WhenATopicValueIsBad(string name, string value, string message)
    {
        var outcome = TopicConfigKeys.All.Validate(new Dictionary<string, string> { [name] = value });

        outcome.ShouldBe(Outcome.Failure(ErrorCode.InvalidConfig, message));
    }

    [Theory]
    [InlineData("retention.ms", "-1")]
    [InlineData("retention.ms", " 1000 ")]
    [InlineData("retention.ms", "+5")]
    [InlineData("cleanup.policy", "compact, delete")]
    [InlineData("preallocate", "TRUE")]
    [InlineData("min.cleanable.dirty.ratio", "0")]
    [InlineData("compression.gzip.level", "9")]
    [InlineData("compression.zstd.level", "-131072")]
    [InlineData("leader.replication.throttled.replicas", "*")]
    [InlineData("follower.replication.throttled.replicas", "0:1, 3:12")]
    [InlineData("follower.replication.throttled.replicas", "")]
    public void Validate_Succeeds_WhenKafkaWouldTakeTheValue(string name, string value)
        => TopicConfigKeys.All.Validate(new Dictionary<string, string> { [name] = value }).IsSuccess.ShouldBeTrue();

    [Fact]
    public void Validate_RefusesEachKeysOwnLimits_WhenTheyAreLeftByOne()
    {
        foreach (var key in TopicConfigKeys.All.Keys.Concat(BrokerConfigKeys.All.Keys))
        {
            if (key.AllowedValues is { } rule && System.Text.RegularExpressions.Regex.Match(rule, @"^\[(-?\d+),\.\.\.") is { Success: true } match)
            {
                var minimum = long.Parse(match.Groups[1].Value);
                key.Validate($"{minimum}").IsSuccess.ShouldBeTrue($"{key}={minimum}");
                key.Validate($"{minimum - 1}").IsSuccess.ShouldBe(key.Name == "compression.gzip.level" && minimum - 1 == -1, $"{key}={minimum - 1}");
            }
        }
    }
}
