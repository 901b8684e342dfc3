using System.Globalization;
using System.Net;
using Orleans.Runtime;
using OrleansStream.Engine.CodeGeneration;

namespace OrleansStream.Engine.Membership;

/// <summary>The membership's part of the talk between silos. The numbers are on the wire and never change.</summary>
internal static class MembershipMessages
{
    /// <summary>Asks a primary for its table.</summary>
    public const byte Read = 1;

    /// <summary>Asks a primary to write a record.</summary>
    public const byte TryWrite = 2;

    /// <summary>Tells that the table has changed.</summary>
    public const byte Changed = 3;

    private const int MaxCount = 100_000;

    public static void WriteView(MessageWriter writer, MembershipView view)
    {
        writer.WriteVarInt64(view.Version);
        writer.WriteVarUInt32((uint)view.Members.Count);
        foreach (var member in view.Members)
        {
            WriteRecord(writer, member);
        }
    }

    public static MembershipView ReadView(ref MessageReader reader)
    {
        var version = reader.ReadVarInt64();
        var members = new MemberRecord[ReadCount(ref reader)];
        for (var i = 0; i < members.Length; i++)
        {
            members[i] = ReadRecord(ref reader);
        }

        return new MembershipView(version, members);
    }

    public static void WriteRecord(MessageWriter writer, MemberRecord record)
    {
        writer.WriteString(record.Silo.ToParsableString());
        writer.WriteString(record.Name);
        writer.WriteByte((byte)record.Status);
        writer.WriteString(record.Gateway?.ToString());
        writer.WriteVarUInt32((uint)record.Suspicions.Count);
        foreach (var suspicion in record.Suspicions)
        {
            writer.WriteString(suspicion.By.ToParsableString());
            writer.WriteString(suspicion.Since.ToString("O", CultureInfo.InvariantCulture));
        }
    }

    public static MemberRecord ReadRecord(ref MessageReader reader)
    {
        var silo = SiloAddress.FromParsableString(reader.ReadString()!);
        var name = reader.ReadString() ?? string.Empty;
        var status = (SiloStatus)reader.ReadByte();
        var gateway = reader.ReadString();
        var suspicions = new Suspicion[ReadCount(ref reader)];
        for (var i = 0; i < suspicions.Length; i++)
        {
            var by = SiloAddress.FromParsableString(reader.ReadString()!);
            suspicions[i] = new Suspicion(by, DateTimeOffset.Parse(reader.ReadString()!, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind));
        }

        return new MemberRecord(silo, name, status, gateway is null ? null : IPEndPoint.Parse(gateway), suspicions);
    }

    private static int ReadCount(ref MessageReader reader)
    {
        var count = reader.ReadVarUInt32();
        return count <= MaxCount && count <= reader.Remaining ? (int)count : throw reader.Malformed($"a count of {count}");
    }
}
