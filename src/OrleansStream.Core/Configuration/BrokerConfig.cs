using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace OrleansStream.Core.Configuration;

/// <summary>
/// A broker's configuration in force: values set for this broker while it runs, over values set for all brokers, over values given
/// at the start, over defaults (KIP-226). Immutable; a change makes a new one.
/// </summary>
public sealed class BrokerConfig
{
    private static readonly ImmutableDictionary<string, string> Empty = ImmutableDictionary<string, string>.Empty;

    private readonly (ConfigSource Source, ImmutableDictionary<string, string> Values)[] _layers;

    private BrokerConfig(
        ImmutableDictionary<string, string> staticValues,
        ImmutableDictionary<string, string> dynamicDefaults,
        ImmutableDictionary<string, string> dynamicValues,
        ImmutableArray<string> problems)
    {
        _layers =
        [
            (ConfigSource.DynamicBrokerConfig, dynamicValues),
            (ConfigSource.DynamicDefaultBrokerConfig, dynamicDefaults),
            (ConfigSource.StaticBrokerConfig, staticValues),
        ];
        Problems = problems;
    }

    /// <summary>Defaults only.</summary>
    public static BrokerConfig Default { get; } = new(Empty, Empty, Empty, []);

    /// <summary>Stored values that were ignored, and why; for the log.</summary>
    public ImmutableArray<string> Problems { get; }

    /// <summary>Makes the configuration of a broker that starts with some values.</summary>
    /// <returns>The configuration, or <see cref="ErrorCode.InvalidConfig"/> for the first unknown key or bad value.</returns>
    public static Outcome<BrokerConfig> Create(IReadOnlyDictionary<string, string> staticValues)
    {
        ArgumentNullException.ThrowIfNull(staticValues);
        var valid = BrokerConfigKeys.All.Validate(staticValues);
        return valid.IsSuccess
            ? Outcome.Of(new BrokerConfig(staticValues.ToImmutableDictionary(StringComparer.Ordinal), Empty, Empty, []))
            : valid;
    }

    /// <summary>
    /// This configuration with other values set while the broker runs. Stored values that this version does not know, does not
    /// allow, or takes at the start only are left out and told in <see cref="Problems"/>: they must not keep a broker from starting.
    /// </summary>
    /// <param name="dynamicDefaults">Values set for all brokers.</param>
    /// <param name="dynamicValues">Values set for this broker.</param>
    public BrokerConfig WithDynamic(IReadOnlyDictionary<string, string> dynamicDefaults, IReadOnlyDictionary<string, string> dynamicValues)
    {
        ArgumentNullException.ThrowIfNull(dynamicDefaults);
        ArgumentNullException.ThrowIfNull(dynamicValues);
        var problems = ImmutableArray.CreateBuilder<string>();
        return new BrokerConfig(_layers[2].Values, Usable(dynamicDefaults, problems), Usable(dynamicValues, problems), problems.ToImmutable());
    }

    /// <summary>The value in force.</summary>
    /// <exception cref="InvalidOperationException">The key has no default and is unset: use <see cref="TryGet"/>.</exception>
    public T Get<T>(ConfigKey<T> key)
        => TryGet(key, out var value) ? value : throw new InvalidOperationException($"{key} is unset and has no default.");

    /// <summary>The value in force, if there is one.</summary>
    public bool TryGet<T>(ConfigKey<T> key, [MaybeNullWhen(false)] out T value)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (Resolve(key).Value is { } text)
        {
            value = key.Parse(text).Value;
            return true;
        }

        value = default;
        return false;
    }

    /// <summary>The value in force and its source.</summary>
    public ResolvedConfig Resolve(ConfigKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return TryFindSet(key.Name, out var value, out var source)
            ? new ResolvedConfig(key, value, source)
            : new ResolvedConfig(key, key.DefaultValue, ConfigSource.DefaultConfig);
    }

    /// <summary>All keys with the values in force, in order of their name.</summary>
    public IEnumerable<ResolvedConfig> ResolveAll() => BrokerConfigKeys.All.Keys.Select(Resolve);

    /// <summary>All values that a key has, the one in force first and the default last: what there is instead when one is removed.</summary>
    public IEnumerable<ResolvedConfig> ResolveChain(ConfigKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        foreach (var (layer, values) in _layers)
        {
            if (values.TryGetValue(key.Name, out var value))
            {
                yield return new ResolvedConfig(key, value, layer);
            }
        }

        if (key.DefaultValue is { } byDefault)
        {
            yield return new ResolvedConfig(key, byDefault, ConfigSource.DefaultConfig);
        }
    }

    /// <summary>Finds a value that somebody has set, as opposed to a default.</summary>
    internal bool TryFindSet(string name, [NotNullWhen(true)] out string? value, out ConfigSource source)
    {
        foreach (var (layer, values) in _layers)
        {
            if (values.TryGetValue(name, out value))
            {
                source = layer;
                return true;
            }
        }

        value = null;
        source = ConfigSource.DefaultConfig;
        return false;
    }

    private static ImmutableDictionary<string, string> Usable(IReadOnlyDictionary<string, string> stored, ImmutableArray<string>.Builder problems)
    {
        var usable = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in stored.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            var found = BrokerConfigKeys.All.Find(name);
            var outcome = !found.IsSuccess ? found.WithoutValue()
                : found.Value.IsReadOnly ? Outcome.Failure(ErrorCode.InvalidConfig, $"{name} can only be set when the broker starts")
                : found.Value.Validate(value);
            if (outcome.IsSuccess)
            {
                usable[name] = value;
            }
            else
            {
                problems.Add(outcome.Message!);
            }
        }

        return usable.ToImmutable();
    }
}
