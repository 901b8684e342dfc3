namespace OrleansStream.Core.Controller;

/// <summary>A broker that can hold replicas.</summary>
/// <param name="BrokerId">The broker id.</param>
/// <param name="Rack">Its rack, null for none.</param>
public readonly record struct BrokerRack(int BrokerId, string? Rack);
