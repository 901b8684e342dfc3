using Orleans;

namespace OrleansStream.Abstractions;

/// <summary>Asks for the groups of a coordinator.</summary>
/// <param name="States">The states wanted, in any case; empty for all (KIP-518).</param>
/// <param name="Types">The types wanted, <c>classic</c> or <c>consumer</c>, in any case; empty for all (KIP-848).</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.ListGroupsRequest")]
public sealed record ListGroupsRequest(
    [property: Id(0)] string[] States,
    [property: Id(1)] string[] Types);

/// <summary>The groups of a coordinator.</summary>
/// <param name="Error">The outcome.</param>
/// <param name="Groups">The groups.</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.ListGroupsResponse")]
public sealed record ListGroupsResponse(
    [property: Id(0)] ErrorCode Error,
    [property: Id(1)] GroupListing[] Groups);

/// <summary>A group in a list.</summary>
/// <param name="GroupId">The group.</param>
/// <param name="ProtocolType">The kind of group, empty if it has none.</param>
/// <param name="State">Its state.</param>
/// <param name="Type"><c>classic</c> or <c>consumer</c>.</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.GroupListing")]
public sealed record GroupListing(
    [property: Id(0)] string GroupId,
    [property: Id(1)] string ProtocolType,
    [property: Id(2)] string State,
    [property: Id(3)] string Type);
