using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;

namespace OrleansStream.Core.Configuration;

/// <summary>The known keys of one kind of resource.</summary>
public sealed class ConfigDefinitions
{
    private readonly string _resourceKind;
    private readonly FrozenDictionary<string, ConfigKey> _byName;

    internal ConfigDefinitions(string resourceKind, params ConfigKey[] keys)
    {
        _resourceKind = resourceKind;
        Keys = [.. keys.OrderBy(key => key.Name, StringComparer.Ordinal)];
        _byName = Keys.ToFrozenDictionary(key => key.Name, StringComparer.Ordinal);
    }

    /// <summary>The keys in order of their name.</summary>
    public IReadOnlyList<ConfigKey> Keys { get; }

    /// <summary>Finds a key.</summary>
    public bool TryGet(string name, [NotNullWhen(true)] out ConfigKey? key) => _byName.TryGetValue(name, out key);

    /// <summary>Finds a key.</summary>
    /// <returns>The key, or <see cref="ErrorCode.InvalidConfig"/> with the nearest known name.</returns>
    public Outcome<ConfigKey> Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (TryGet(name, out var key))
        {
            return Outcome.Of(key);
        }

        var hint = NearestName.Find(name, Keys.Select(k => k.Name)) is { } nearest ? $". Did you mean {nearest}?" : string.Empty;
        return Outcome.Failure(ErrorCode.InvalidConfig, $"Unknown {_resourceKind} config name: {name}{hint}");
    }

    /// <summary>Checks names and values, one by one, in order of their name.</summary>
    /// <returns>Success, or <see cref="ErrorCode.InvalidConfig"/> for the first bad entry.</returns>
    public Outcome Validate(IReadOnlyDictionary<string, string> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        foreach (var (name, value) in values.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            var found = Find(name);
            var outcome = found.IsSuccess ? found.Value.Validate(value) : found.WithoutValue();
            if (!outcome.IsSuccess)
            {
                return outcome;
            }
        }

        return Outcome.Success;
    }
}
