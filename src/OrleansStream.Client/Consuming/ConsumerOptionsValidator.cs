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
        rules.ThrowIfBroken();
    }
}
