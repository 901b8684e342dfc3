using System.Collections.Immutable;
using System.Globalization;

namespace OrleansStream.Core.Quotas;

/// <summary>The keys of quotas, by Kafka's names, and how their values are stored.</summary>
public static class QuotaKeys
{
    /// <summary>Bytes per second of produce requests, on each broker (KIP-13).</summary>
    public const string ProducerByteRate = "producer_byte_rate";

    /// <summary>Bytes per second of records in answers to fetches, on each broker (KIP-13).</summary>
    public const string ConsumerByteRate = "consumer_byte_rate";

    /// <summary>Time on the broker's threads, in percent of one (KIP-124).</summary>
    public const string RequestPercentage = "request_percentage";

    /// <summary>Partitions created and deleted per second (KIP-599).</summary>
    public const string ControllerMutationRate = "controller_mutation_rate";

    /// <summary>New connections per second of an address (KIP-612).</summary>
    public const string ConnectionCreationRate = "connection_creation_rate";

    /// <summary>What can be set for users and client ids.</summary>
    public static ImmutableArray<string> OfClients { get; } = [ConsumerByteRate, ControllerMutationRate, ProducerByteRate, RequestPercentage];

    /// <summary>What can be set for addresses.</summary>
    public static ImmutableArray<string> OfAddresses { get; } = [ConnectionCreationRate];

    /// <summary>What can be set for an entity, in order of the name.</summary>
    public static ImmutableArray<string> Of(QuotaEntity entity) => entity.Ip is null ? OfClients : OfAddresses;

    /// <summary>The text that is stored for a value, as Kafka writes it: byte rates and connections as whole numbers, the others as decimal ones.</summary>
    /// <returns>The text, or <see cref="ErrorCode.InvalidRequest"/> for a key that the entity cannot have or a value that the key cannot have.</returns>
    public static Outcome<string> Format(QuotaEntity entity, string key, double value)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (!Of(entity).Contains(key))
        {
            return Outcome.Failure(ErrorCode.InvalidRequest, $"Invalid configuration key {key}; {string.Join(", ", Of(entity))} can be set for {entity}");
        }

        if (!(value > 0) || !double.IsFinite(value))
        {
            return Outcome.Failure(ErrorCode.InvalidRequest, string.Create(CultureInfo.InvariantCulture, $"Quota {key} must be greater than 0 and finite, not {value}"));
        }

        var most = key switch
        {
            ProducerByteRate or ConsumerByteRate => long.MaxValue,
            ConnectionCreationRate => int.MaxValue,
            _ => double.MaxValue,
        };
        if (value > most)
        {
            return Outcome.Failure(ErrorCode.InvalidRequest, string.Create(CultureInfo.InvariantCulture, $"Proposed value for {key} is too large: {value}; {most} is the most"));
        }

        if (key is RequestPercentage or ControllerMutationRate)
        {
            var text = value.ToString("R", CultureInfo.InvariantCulture);
            return Outcome.Of(text.AsSpan().ContainsAny('.', 'E') ? text : text + ".0");
        }

        return Math.Abs(value % 1.0) > 1e-6
            ? Outcome.Failure(ErrorCode.InvalidRequest, string.Create(CultureInfo.InvariantCulture, $"{key} cannot be a fractional value: {value}"))
            : Outcome.Of(value >= long.MaxValue ? long.MaxValue.ToString(CultureInfo.InvariantCulture) : ((long)value).ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>The quotas among stored values; what is no quota, such as a user's credentials, or no number is left out.</summary>
    public static ImmutableSortedDictionary<string, double> Parse(QuotaEntity entity, IReadOnlyDictionary<string, string> stored)
    {
        ArgumentNullException.ThrowIfNull(stored);
        var values = ImmutableSortedDictionary.CreateBuilder<string, double>(StringComparer.Ordinal);
        foreach (var key in Of(entity))
        {
            if (stored.TryGetValue(key, out var text) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value > 0)
            {
                values[key] = value;
            }
        }

        return values.ToImmutable();
    }
}
