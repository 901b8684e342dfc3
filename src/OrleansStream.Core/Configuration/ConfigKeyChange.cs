namespace OrleansStream.Core.Configuration;

/// <summary>A change to one entry of a configuration (KIP-339).</summary>
/// <param name="Name">Kafka's key.</param>
/// <param name="Operation">What to do.</param>
/// <param name="Value">The value; null with <see cref="ConfigOperation.Delete"/>.</param>
public readonly record struct ConfigKeyChange(string Name, ConfigOperation Operation, string? Value);
