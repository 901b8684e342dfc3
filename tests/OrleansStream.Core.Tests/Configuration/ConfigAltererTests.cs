using System.Collections.Immutable;
using OrleansStream.Core.Configuration;

namespace OrleansStream.Core.Tests.Configuration;

public class ConfigAltererTests
{
    [Fact]
    public void AlterTopic_SetsAndDeletes()
    {
        var altered = Alter(Values(("retention.ms", "1"), ("segment.ms", "1")), Set("retention.ms", "2"), Delete("segment.ms"), Delete("flush.ms"));

        altered.Value.ShouldBe(Values(("retention.ms", "2")), ignoreOrder: true);
    }

    [Fact]
    public void AlterTopic_EditsLists_StartingFromTheValueInForce()
    {
        Alter(Values(), new ConfigKeyChange("cleanup.policy", ConfigOperation.Append, "compact")).Value["cleanup.policy"].ShouldBe("delete,compact");
        Alter(Values(("cleanup.policy", "delete,compact")), new ConfigKeyChange("cleanup.policy", ConfigOperation.Subtract, "delete")).Value["cleanup.policy"].ShouldBe("compact");
        Alter(Values(), new ConfigKeyChange("cleanup.policy", ConfigOperation.Append, "delete")).Value["cleanup.policy"].ShouldBe("delete");
        Alter(Values(), new ConfigKeyChange("cleanup.policy", ConfigOperation.Subtract, "delete")).Message!.ShouldContain("List must not be empty");
    }

    [Fact]
    public void AlterTopic_ChangesNothing_WhenOneChangeIsBad()
    {
        var current = Values(("retention.ms", "1"));

        ShouldFail(Alter(current, Set("retention.ms", "2"), Set("retention.bytes", "x")), ErrorCode.InvalidConfig, "retention.bytes");
        ShouldFail(Alter(current, Set("retention.mx", "2")), ErrorCode.InvalidConfig, "Did you mean retention.ms?");
        ShouldFail(Alter(current, Delete("retention.mx")), ErrorCode.InvalidConfig, "Unknown topic config name");
        ShouldFail(Alter(current, new ConfigKeyChange("retention.ms", ConfigOperation.Set, null)), ErrorCode.InvalidRequest, "Null value not supported for retention.ms");
        ShouldFail(Alter(current, new ConfigKeyChange("retention.ms", ConfigOperation.Append, "1")), ErrorCode.InvalidRequest, "append is not allowed for retention.ms");
        ShouldFail(Alter(current, new ConfigKeyChange("retention.ms", (ConfigOperation)9, "1")), ErrorCode.InvalidRequest, "Unknown operation 9");
        ShouldFail(Alter(current, Set("retention.ms", "2"), Delete("retention.ms")), ErrorCode.InvalidRequest, "more than once here: retention.ms");
        ShouldFail(Alter(current, Set("min.compaction.lag.ms", "5"), Set("max.compaction.lag.ms", "4")), ErrorCode.InvalidConfig, "Conflicting configuration");
        ShouldFail(Alter(current, Set("remote.storage.enable", "true")), ErrorCode.InvalidConfig, "tiered storage is not supported");
    }

    [Fact]
    public void AlterTopic_CanRemoveOrIgnore_WhatAnotherVersionStored()
    {
        var current = Values(("from.the.future", "1"), ("retention.ms", "soon"));

        Alter(current, Delete("from.the.future")).Value.Keys.ShouldBe(["retention.ms"]);
        Alter(current, Set("segment.ms", "5")).Value.Count.ShouldBe(3);
    }

    [Fact]
    public void AlterBroker_RefusesReadOnlyKeys()
    {
        ShouldFail(
            ConfigAlterer.AlterBroker(Values(), [Set("num.partitions", "3")], BrokerConfig.Default),
            ErrorCode.InvalidConfig,
            "Cannot update num.partitions: it can only be set when the broker starts");
        ConfigAlterer.AlterBroker(Values(), [Set("log.retention.ms", "3")], BrokerConfig.Default).Value.ShouldHaveSingleItem();
        ConfigAlterer.AlterBroker(Values(), [new ConfigKeyChange("log.cleanup.policy", ConfigOperation.Append, "compact")], BrokerConfig.Default)
            .Value["log.cleanup.policy"].ShouldBe("delete,compact");
    }

    private static Outcome<ImmutableDictionary<string, string>> Alter(ImmutableDictionary<string, string> current, params ConfigKeyChange[] changes)
        => ConfigAlterer.AlterTopic(current, changes, BrokerConfig.Default);

    private static ConfigKeyChange Set(string name, string value) => new(name, ConfigOperation.Set, value);

    private static ConfigKeyChange Delete(string name) => new(name, ConfigOperation.Delete, null);

    private static void ShouldFail(Outcome<ImmutableDictionary<string, string>> outcome, ErrorCode error, string message)
    {
        outcome.Error.ShouldBe(error);
        outcome.Message!.ShouldContain(message);
    }

    private static ImmutableDictionary<string, string> Values(params (string Key, string Value)[] values)
        => values.ToImmutableDictionary(value => value.Key, value => value.Value);
}
