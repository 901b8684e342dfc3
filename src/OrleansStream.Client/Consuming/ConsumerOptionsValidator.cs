using Microsoft.Extensions.Options;

namespace OrleansStream.Client;

/// <summary>The rules for <see cref="ConsumerOptions"/>; each failure names key, rule and value.</summary>
public static class ConsumerOptionsValidator
{
    /// <summary>Checks the options.</summary>
    /// <exception cref="OptionsValidationException">A rule is broken.</exception>
    public static void Validate(ConsumerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var rules = new OptionRules("Consumer");
        rules.Check(Enum.IsDefined(options.AutoOffsetReset), nameof(options.AutoOffsetReset), options.AutoOffsetReset, "must be Earliest, Latest or None");
        rules.Check(Enum.IsDefined(options.IsolationLevel), nameof(options.IsolationLevel), options.IsolationLevel, "must be ReadUncommitted or ReadCommitted");
        rules.InRange(nameof(options.MaxPartitionFetchBytes), options.MaxPartitionFetchBytes, 1, 1024 * 1024 * 1024);
        rules.InRange(nameof(options.FetchMaxBytes), options.FetchMaxBytes, 1, 1024 * 1024 * 1024);
        rules.Check(options.MaxPrefetchBytes > 0, nameof(options.MaxPrefetchBytes), options.MaxPrefetchBytes, "must be positive");
        rules.InRange(nameof(options.FetchMinBytes), options.FetchMinBytes, 0, options.FetchMaxBytes);
        rules.InRange(nameof(options.FetchMaxWaitMs), options.FetchMaxWaitMs, 0, 300_000);
        rules.Positive(nameof(options.RequestTimeout), options.RequestTimeout);
        rules.Check(options.UnknownTopicTimeout >= TimeSpan.Zero, nameof(options.UnknownTopicTimeout), options.UnknownTopicTimeout, "must not be negative");
        rules.Positive(nameof(options.RetryBackoff), options.RetryBackoff);
        rules.Check(
            options.RetryBackoffMax >= options.RetryBackoff,
            nameof(options.RetryBackoffMax),
            options.RetryBackoffMax,
            $"must be at least RetryBackoff ({options.RetryBackoff})");
        CheckGroup(options, rules);
        rules.ThrowIfBroken();
    }

    private static void CheckGroup(ConsumerOptions options, OptionRules rules)
    {
        rules.Check(options.GroupId is not "", nameof(options.GroupId), options.GroupId, "must not be empty; null means no group");
        rules.Check(options.GroupInstanceId is not "", nameof(options.GroupInstanceId), options.GroupInstanceId, "must not be empty; null means a dynamic member");
        rules.Check(
            options.GroupInstanceId is null || options.GroupId is not null,
            nameof(options.GroupInstanceId),
            options.GroupInstanceId,
            "needs a GroupId");
        rules.Check(!string.IsNullOrEmpty(options.ClientId), nameof(options.ClientId), options.ClientId, "must not be empty");
        rules.Check(Enum.IsDefined(options.GroupProtocol), nameof(options.GroupProtocol), options.GroupProtocol, "must be Classic or Consumer");
        rules.Check(options.Assignors.Count > 0, nameof(options.Assignors), options.Assignors.Count, "must have at least one assignor");
        rules.Check(
            options.Assignors.Select(assignor => assignor.Name).Distinct(StringComparer.Ordinal).Count() == options.Assignors.Count,
            nameof(options.Assignors),
            string.Join(", ", options.Assignors.Select(assignor => assignor.Name)),
            "must not have two assignors of one name");
        rules.InRange(nameof(options.SessionTimeout), (long)options.SessionTimeout.TotalMilliseconds, 1, int.MaxValue);
        rules.InRange(nameof(options.MaxPollInterval), (long)options.MaxPollInterval.TotalMilliseconds, 1, int.MaxValue);
        rules.Positive(nameof(options.HeartbeatInterval), options.HeartbeatInterval);
        rules.Check(
            options.HeartbeatInterval < options.SessionTimeout,
            nameof(options.HeartbeatInterval),
            options.HeartbeatInterval,
            $"must be less than SessionTimeout ({options.SessionTimeout}), best a third of it");
        rules.Positive(nameof(options.AutoCommitInterval), options.AutoCommitInterval);
    }
}
