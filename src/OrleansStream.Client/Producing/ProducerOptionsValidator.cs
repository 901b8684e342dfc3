using Microsoft.Extensions.Options;

namespace OrleansStream.Client;

/// <summary>The rules for <see cref="ProducerOptions"/>; each failure names key, rule and value.</summary>
public static class ProducerOptionsValidator
{
    /// <summary>The smallest <see cref="ProducerOptions.BatchSize"/> in bytes.</summary>
    public const int MinBatchSize = 1024;

    /// <summary>The largest batch and record in bytes.</summary>
    public const int MaxBatchSize = 64 * 1024 * 1024;

    /// <summary>Checks the options.</summary>
    /// <exception cref="OptionsValidationException">A rule is broken.</exception>
    public static void Validate(ProducerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var rules = new OptionRules("Producer");
        rules.Check(Enum.IsDefined(options.Acks), nameof(options.Acks), options.Acks, "must be None, Leader or All");
        rules.Check(
            options.EnableIdempotence != true || options.Acks == Acks.All,
            nameof(options.EnableIdempotence),
            options.EnableIdempotence,
            $"needs Acks = All, but Acks is {options.Acks}");
        rules.InRange(nameof(options.BatchSize), options.BatchSize, MinBatchSize, MaxBatchSize);
        rules.InRange(nameof(options.LingerMs), options.LingerMs, 0, 3_600_000);
        rules.InRange(nameof(options.MaxInFlightPerPartition), options.MaxInFlightPerPartition, 1, 1000);
        rules.Check(
            options.MaxInFlightPerPartition <= 5 || !UsesIdempotence(options),
            nameof(options.MaxInFlightPerPartition),
            options.MaxInFlightPerPartition,
            "must be at most 5 with idempotence, because a broker remembers that many batches of a producer (KIP-98)");
        rules.InRange(nameof(options.MaxRecordBytes), options.MaxRecordBytes, 128, MaxBatchSize);
        rules.Check(
            options.MaxBufferBytes >= options.BatchSize && options.MaxBufferBytes >= options.MaxRecordBytes,
            nameof(options.MaxBufferBytes),
            options.MaxBufferBytes,
            $"must be at least BatchSize ({options.BatchSize}) and MaxRecordBytes ({options.MaxRecordBytes})");
        rules.Check(Enum.IsDefined(options.Compression), nameof(options.Compression), options.Compression, "must be None, Gzip, Snappy, Lz4 or Zstd");
        rules.Positive(nameof(options.RequestTimeout), options.RequestTimeout);
        rules.Check(
            options.DeliveryTimeout >= TimeSpan.FromMilliseconds(options.LingerMs) && options.DeliveryTimeout > TimeSpan.Zero,
            nameof(options.DeliveryTimeout),
            options.DeliveryTimeout,
            $"must be positive and at least LingerMs ({options.LingerMs})");
        rules.Positive(nameof(options.MaxBlock), options.MaxBlock);
        rules.Positive(nameof(options.RetryBackoff), options.RetryBackoff);
        rules.Check(
            options.RetryBackoffMax >= options.RetryBackoff,
            nameof(options.RetryBackoffMax),
            options.RetryBackoffMax,
            $"must be at least RetryBackoff ({options.RetryBackoff})");
        rules.Check(options.DisposeTimeout >= TimeSpan.Zero, nameof(options.DisposeTimeout), options.DisposeTimeout, "must not be negative");
        rules.ThrowIfBroken();
    }

    internal static bool UsesIdempotence(ProducerOptions options) => options.EnableIdempotence ?? options.Acks == Acks.All;
}
