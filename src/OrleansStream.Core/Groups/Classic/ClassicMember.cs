using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Core.Groups.Classic;

/// <summary>A member of a group of the classic protocol.</summary>
internal sealed class ClassicMember(
    string memberId, string? instanceId, string clientId, string clientHost, IReadOnlyList<MemberProtocol> protocols)
{
    public string MemberId { get; } = memberId;

    /// <summary>Null for a dynamic member.</summary>
    public string? InstanceId { get; } = instanceId;

    public string ClientId { get; } = clientId;

    public string ClientHost { get; } = clientHost;

    public int SessionTimeoutMs { get; set; }

    public int RebalanceTimeoutMs { get; set; }

    /// <summary>What it can follow, preferred first. Changed through the group, which counts them.</summary>
    public IReadOnlyList<MemberProtocol> Protocols { get; set; } = protocols;

    /// <summary>Its part of the stored assignment.</summary>
    public ReadOnlyMemory<byte> Assignment { get; set; }

    /// <summary>The join that waits, if one does. Changed through the group, which counts them.</summary>
    public long? JoinTicket { get; set; }

    /// <summary>The sync that waits, if one does.</summary>
    public long? SyncTicket { get; set; }

    /// <summary>Whether it has never been answered with a generation, so that it can die while its join waits.</summary>
    public bool IsNew { get; set; }

    /// <summary>One that waits for an answer is alive, except when it never got one: then the client may have gone.</summary>
    public bool IsAliveByWaiting => !IsNew && (JoinTicket is not null || SyncTicket is not null);

    /// <summary>What it said with a protocol; empty for one that it does not have.</summary>
    public ReadOnlyMemory<byte> MetadataOf(string? protocol)
    {
        foreach (var (name, metadata) in Protocols)
        {
            if (string.Equals(name, protocol, StringComparison.Ordinal))
            {
                return metadata;
            }
        }

        return default;
    }

    public bool HasSameProtocols(IReadOnlyList<MemberProtocol> others)
    {
        if (others.Count != Protocols.Count)
        {
            return false;
        }

        for (var i = 0; i < others.Count; i++)
        {
            if (others[i].Name != Protocols[i].Name || !others[i].Metadata.Span.SequenceEqual(Protocols[i].Metadata.Span))
            {
                return false;
            }
        }

        return true;
    }
}

/// <summary>A protocol that a member can follow, with what it says to the leader. The bytes are the machine's own copy.</summary>
internal readonly record struct MemberProtocol(string Name, ReadOnlyMemory<byte> Metadata)
{
    /// <summary>Takes a request's protocols; of several with one name the first counts.</summary>
    public static IReadOnlyList<MemberProtocol> CopyOf(List<JoinGroupRequest.JoinGroupRequestProtocol> protocols)
        => [.. protocols.DistinctBy(protocol => protocol.Name, StringComparer.Ordinal).Select(protocol => new MemberProtocol(protocol.Name, protocol.Metadata.ToArray()))];
}
