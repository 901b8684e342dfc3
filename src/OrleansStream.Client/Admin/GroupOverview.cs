namespace OrleansStream.Client;

/// <summary>A group in a list.</summary>
/// <param name="GroupId">The group.</param>
/// <param name="Type"><c>classic</c> or <c>consumer</c>.</param>
/// <param name="State">Its state, as Kafka names it.</param>
/// <param name="ProtocolType">The kind of group, <c>consumer</c> for consumers; empty if it has none.</param>
public sealed record GroupOverview(string GroupId, string Type, string State, string ProtocolType);
