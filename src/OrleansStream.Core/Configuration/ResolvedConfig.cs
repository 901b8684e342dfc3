namespace OrleansStream.Core.Configuration;

/// <summary>The value of a key that is in force.</summary>
/// <param name="Key">The key.</param>
/// <param name="Value">The value in text form; null for a key that is unset.</param>
/// <param name="Source">Where the value comes from.</param>
public sealed record ResolvedConfig(ConfigKey Key, string? Value, ConfigSource Source);
