using System.Collections.Immutable;

namespace OrleansStream.Core.Configuration;

/// <summary>Applies changes to the values that are set on a topic or a broker (KIP-339), all or nothing.</summary>
public static class ConfigAlterer
{
    /// <summary>The values of a topic after some changes.</summary>
    /// <param name="current">What is set on the topic.</param>
    /// <param name="changes">The changes; a key may appear once.</param>
    /// <param name="broker">What the broker gives where nothing is set.</param>
    /// <returns>The new values, or <see cref="ErrorCode.InvalidConfig"/> or <see cref="ErrorCode.InvalidRequest"/>.</returns>
    public static Outcome<ImmutableDictionary<string, string>> AlterTopic(
        IReadOnlyDictionary<string, string> current, IReadOnlyList<ConfigKeyChange> changes, BrokerConfig broker)
    {
        ArgumentNullException.ThrowIfNull(broker);
        var altered = Apply(
            TopicConfigKeys.All, current, changes, key => TopicConfig.Resolve(current, broker).Resolve(key).Value ?? string.Empty);
        if (!altered.IsSuccess)
        {
            return altered;
        }

        // What an older version stored and this one refuses does not stand in the way of other changes.
        var known = altered.Value.Where(entry => changes.Any(c => c.Name == entry.Key) || IsValid(TopicConfigKeys.All, entry)).ToImmutableDictionary(StringComparer.Ordinal);
        var valid = TopicConfig.Validate(known, broker);
        return valid.IsSuccess ? altered : valid;
    }

    /// <summary>The values set while the broker runs, after some changes. Keys that are only read at the start are refused.</summary>
    /// <param name="current">What is set on the broker, or for all brokers.</param>
    /// <param name="changes">The changes; a key may appear once.</param>
    /// <param name="broker">The broker's configuration in force.</param>
    /// <returns>The new values, or <see cref="ErrorCode.InvalidConfig"/> or <see cref="ErrorCode.InvalidRequest"/>.</returns>
    public static Outcome<ImmutableDictionary<string, string>> AlterBroker(
        IReadOnlyDictionary<string, string> current, IReadOnlyList<ConfigKeyChange> changes, BrokerConfig broker)
    {
        ArgumentNullException.ThrowIfNull(current);
        ArgumentNullException.ThrowIfNull(changes);
        ArgumentNullException.ThrowIfNull(broker);
        foreach (var change in changes)
        {
            if (BrokerConfigKeys.All.TryGet(change.Name, out var key) && key.IsReadOnly)
            {
                return Outcome.Failure(ErrorCode.InvalidConfig, $"Cannot update {key}: it can only be set when the broker starts");
            }
        }

        return Apply(
            BrokerConfigKeys.All, current, changes,
            key => current.TryGetValue(key.Name, out var set) ? set : broker.Resolve(key).Value ?? string.Empty);
    }

    private static bool IsValid(ConfigDefinitions definitions, KeyValuePair<string, string> entry)
        => definitions.TryGet(entry.Key, out var key) && key.Validate(entry.Value).IsSuccess;

    private static Outcome<ImmutableDictionary<string, string>> Apply(
        ConfigDefinitions definitions,
        IReadOnlyDictionary<string, string> current,
        IReadOnlyList<ConfigKeyChange> changes,
        Func<ConfigKey, string> effective)
    {
        ArgumentNullException.ThrowIfNull(current);
        ArgumentNullException.ThrowIfNull(changes);
        var duplicates = changes.GroupBy(c => c.Name, StringComparer.Ordinal).Where(g => g.Count() > 1).Select(g => g.Key).Order(StringComparer.Ordinal).ToArray();
        if (duplicates.Length > 0)
        {
            return Outcome.Failure(ErrorCode.InvalidRequest, $"A key may be changed once in a request; more than once here: {string.Join(", ", duplicates)}");
        }

        var values = current.ToImmutableDictionary(StringComparer.Ordinal).ToBuilder();
        foreach (var change in changes)
        {
            var outcome = ApplyOne(definitions, values, change, effective);
            if (!outcome.IsSuccess)
            {
                return outcome;
            }
        }

        return Outcome.Of(values.ToImmutable());
    }

    private static Outcome ApplyOne(
        ConfigDefinitions definitions, ImmutableDictionary<string, string>.Builder values, ConfigKeyChange change, Func<ConfigKey, string> effective)
    {
        var found = definitions.Find(change.Name);
        if (change.Operation == ConfigOperation.Delete)
        {
            // A value that is stored can always be removed, even if this version no longer knows its key.
            return values.Remove(change.Name) || found.IsSuccess ? Outcome.Success : found.WithoutValue();
        }

        if (!found.IsSuccess)
        {
            return found.WithoutValue();
        }

        var key = found.Value;
        if (change.Value is null)
        {
            return Outcome.Failure(ErrorCode.InvalidRequest, $"Null value not supported for {key}; to go back to the default, use the operation Delete");
        }

        switch (change.Operation)
        {
            case ConfigOperation.Set:
                break;
            case ConfigOperation.Append or ConfigOperation.Subtract when key is not ConfigKey<IReadOnlyList<string>>:
                return Outcome.Failure(ErrorCode.InvalidRequest, $"Config value {change.Operation.ToString().ToLowerInvariant()} is not allowed for {key}: it is not a list");
            case ConfigOperation.Append or ConfigOperation.Subtract:
                change = change with { Value = Edit(effective(key), change.Value, change.Operation == ConfigOperation.Append) };
                break;
            default:
                return Outcome.Failure(ErrorCode.InvalidRequest, $"Unknown operation {(byte)change.Operation} for {key}; 0 to 3 are known");
        }

        var valid = key.Validate(change.Value);
        if (valid.IsSuccess)
        {
            values[key.Name] = change.Value;
        }

        return valid;
    }

    private static string Edit(string list, string items, bool append)
    {
        var present = Split(list);
        var given = Split(items);
        return string.Join(",", append ? present.Union(given, StringComparer.Ordinal) : present.Except(given, StringComparer.Ordinal));

        static string[] Split(string text) => text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
    }
}
