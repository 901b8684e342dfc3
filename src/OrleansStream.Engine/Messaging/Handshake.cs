using Orleans.Runtime;
using OrleansStream.Engine.CodeGeneration;
using OrleansStream.Engine.Networking;

namespace OrleansStream.Engine.Messaging;

/// <summary>The first frames of a connection.</summary>
internal static class Handshake
{
    /// <summary>Changes when frames change so that older peers would misread them.</summary>
    public const int ProtocolVersion = 1;

    /// <summary>A hello is small; a larger first frame is no hello.</summary>
    public const int MaxHelloLength = 4096;

    private const uint Magic = 0x5254534F; // "OSTR"

    public static OutgoingFrame Hello(PeerIdentity self)
    {
        var writer = OutgoingFrame.Begin(FrameKind.Hello);
        writer.WriteFixed32(Magic);
        writer.WriteVarUInt32(ProtocolVersion);
        WriteIdentity(writer, self);
        return new OutgoingFrame(writer);
    }

    /// <exception cref="ConnectionRefusedException">The frame is no hello, or one of another version or cluster.</exception>
    public static PeerIdentity ReadHello(ReadOnlyMemory<byte> frame, string clusterId)
    {
        var reader = new MessageReader(frame);
        if (frame.Length < 5 || reader.ReadByte() != (byte)FrameKind.Hello || reader.ReadFixed32() != Magic)
        {
            throw new ConnectionRefusedException("What connected does not speak the protocol of OrleansStream silos.");
        }

        var version = reader.ReadVarUInt32();
        if (version != ProtocolVersion)
        {
            throw new ConnectionRefusedException($"The peer speaks protocol version {version}, this silo version {ProtocolVersion}.");
        }

        var peer = ReadIdentity(ref reader);
        return string.Equals(peer.ClusterId, clusterId, StringComparison.Ordinal)
            ? peer
            : throw new ConnectionRefusedException($"The peer belongs to cluster '{peer.ClusterId}', this silo to cluster '{clusterId}'.");
    }

    public static OutgoingFrame Welcome(PeerIdentity self, IEnumerable<(string InterfaceName, GrainType GrainType, string ClassName)> manifest)
    {
        var writer = OutgoingFrame.Begin(FrameKind.Welcome);
        WriteIdentity(writer, self);
        var entries = manifest.ToArray();
        writer.WriteVarUInt32((uint)entries.Length);
        foreach (var (interfaceName, grainType, className) in entries)
        {
            writer.WriteString(interfaceName);
            writer.WriteBytes(grainType.AsSpan());
            writer.WriteString(className);
        }

        return new OutgoingFrame(writer);
    }

    public static OutgoingFrame Refused(string reason)
    {
        var writer = OutgoingFrame.Begin(FrameKind.Refused);
        writer.WriteString(reason);
        return new OutgoingFrame(writer);
    }

    /// <exception cref="ConnectionRefusedException">The peer refused, or does not speak the protocol.</exception>
    public static (PeerIdentity Peer, (string InterfaceName, GrainType GrainType, string ClassName)[] Manifest) ReadWelcome(ReadOnlyMemory<byte> frame)
    {
        var reader = new MessageReader(frame);
        switch ((FrameKind)reader.ReadByte())
        {
            case FrameKind.Welcome:
                var peer = ReadIdentity(ref reader);
                var manifest = new List<(string, GrainType, string)>();
                for (var count = reader.ReadVarUInt32(); count > 0; count--)
                {
                    manifest.Add((reader.ReadString()!, new GrainType(new IdSpan(reader.ReadSpan().ToArray())), reader.ReadString()!));
                }

                return (peer, [.. manifest]);
            case FrameKind.Refused:
                throw new ConnectionRefusedException(reader.ReadString() ?? string.Empty);
            case var kind:
                throw new ConnectionRefusedException($"The peer answered with a frame of kind {kind} where a welcome was expected.");
        }
    }

    private static void WriteIdentity(MessageWriter writer, PeerIdentity identity)
    {
        writer.WriteString(identity.ClusterId);
        writer.WriteString(identity.Name);
        writer.WriteString(identity.Silo?.ToParsableString());
    }

    private static PeerIdentity ReadIdentity(ref MessageReader reader)
    {
        var clusterId = reader.ReadString() ?? string.Empty;
        var name = reader.ReadString() ?? string.Empty;
        var silo = reader.ReadString();
        return new PeerIdentity(clusterId, name, silo is null ? null : SiloAddress.FromParsableString(silo));
    }
}

/// <summary>Who is at an end of a connection.</summary>
/// <param name="ClusterId">Its cluster.</param>
/// <param name="Name">Its name.</param>
/// <param name="Silo">Its address; null for a client.</param>
internal sealed record PeerIdentity(string ClusterId, string Name, SiloAddress? Silo);

/// <summary>A peer was refused, or refused us: trying again will not help before something is changed.</summary>
internal sealed class ConnectionRefusedException(string message) : OrleansException(message);
