using System.Collections.Immutable;
using OrleansStream.Metadata;

namespace OrleansStream.ZooKeeper.Wire;

/// <summary>Records that several answers hold.</summary>
internal static class JuteRecords
{
    /// <summary>The shortest ACL entry: permissions and two empty strings.</summary>
    private const int MinAclBytes = 12;

    public static NodeStat ReadStat(ref JuteReader reader)
    {
        var createdZxid = reader.ReadLong();
        var modifiedZxid = reader.ReadLong();
        var createdTimeMs = reader.ReadLong();
        var modifiedTimeMs = reader.ReadLong();
        var version = reader.ReadInt();
        var childrenVersion = reader.ReadInt();
        var aclVersion = reader.ReadInt();
        var ephemeralOwner = reader.ReadLong();
        var dataLength = reader.ReadInt();
        var childCount = reader.ReadInt();
        var childrenZxid = reader.ReadLong();
        return new NodeStat(
            createdZxid, modifiedZxid, childrenZxid, createdTimeMs, modifiedTimeMs, version, childrenVersion, aclVersion, ephemeralOwner, dataLength, childCount);
    }

    public static ImmutableArray<string> ReadNames(ref JuteReader reader)
    {
        var names = new string[reader.ReadCount(sizeof(int))];
        for (var i = 0; i < names.Length; i++)
        {
            names[i] = reader.ReadString();
        }

        Array.Sort(names, StringComparer.Ordinal);
        return ImmutableArray.Create(names);
    }

    public static ImmutableArray<AclEntry> ReadAcl(ref JuteReader reader)
    {
        var entries = ImmutableArray.CreateBuilder<AclEntry>(reader.ReadCount(MinAclBytes));
        for (var left = entries.Capacity; left > 0; left--)
        {
            entries.Add(new AclEntry((AclPermissions)reader.ReadInt(), reader.ReadString(), reader.ReadString()));
        }

        return entries.MoveToImmutable();
    }
}
