using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Immutable;
using OrleansStream.Protocol.Checksums;

namespace OrleansStream.Metadata.Local;

/// <summary>
/// A snapshot file: magic (8 bytes), version (u32), zxid (i64), payload length (i64), CRC-32C of the payload, CRC-32C of the header,
/// payload: the sessions and the nodes, each with its number before it. Children are not stored: paths tell.
/// </summary>
internal static class SnapshotFormat
{
    public const int Version = 1;
    private const int HeaderBytes = 36;

    private static ReadOnlySpan<byte> Magic => "OSMETAS\0"u8;

    public static ReadOnlyMemory<byte> Write(ZNodeTree tree)
    {
        var payload = new ArrayBufferWriter<byte>();
        var writer = new PayloadWriter(payload);
        writer.Int32(tree.Sessions.Count);
        foreach (var session in tree.Sessions)
        {
            writer.Int64(session);
        }

        writer.Int32(tree.Nodes.Count);
        foreach (var (path, node) in tree.Nodes.OrderBy(node => node.Key, StringComparer.Ordinal))
        {
            writer.Text(path);
            writer.Bytes(node.Data.Span);
            writer.Int64(node.CreatedZxid);
            writer.Int64(node.ModifiedZxid);
            writer.Int64(node.ChildrenZxid);
            writer.Int64(node.CreatedTimeMs);
            writer.Int64(node.ModifiedTimeMs);
            writer.Int32(node.Version);
            writer.Int32(node.ChildrenCreated);
            writer.Int64(node.EphemeralOwner);
        }

        var file = new byte[HeaderBytes + payload.WrittenCount];
        Magic.CopyTo(file);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(8), Version);
        BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(12), tree.LastZxid);
        BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(20), payload.WrittenCount);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(28), Crc32C.Compute(payload.WrittenSpan));
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(32), Crc32C.Compute(file.AsSpan(0, 32)));
        payload.WrittenSpan.CopyTo(file.AsSpan(HeaderBytes));
        return file;
    }

    /// <exception cref="MetadataCorruptException">The file is damaged.</exception>
    /// <exception cref="MetadataFormatException">The file is of a newer version.</exception>
    public static ZNodeTree Read(string file, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < HeaderBytes || !bytes[..8].SequenceEqual(Magic))
        {
            throw new MetadataCorruptException(file, 0, "it does not start as a snapshot does");
        }

        // Before the checksum: magic and version are all that a newer format shares with this one.
        var version = BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]);
        if (version > Version)
        {
            throw new MetadataFormatException(file, version, Version);
        }

        if (Crc32C.Compute(bytes[..32]) != BinaryPrimitives.ReadUInt32LittleEndian(bytes[32..]))
        {
            throw new MetadataCorruptException(file, 0, "the checksum of the file header is wrong");
        }

        var payload = bytes[HeaderBytes..];
        if (BinaryPrimitives.ReadInt64LittleEndian(bytes[20..]) != payload.Length)
        {
            throw new MetadataCorruptException(file, 20, $"it announces {BinaryPrimitives.ReadInt64LittleEndian(bytes[20..])} bytes where there are {payload.Length}");
        }

        if (Crc32C.Compute(payload) != BinaryPrimitives.ReadUInt32LittleEndian(bytes[28..]))
        {
            throw new MetadataCorruptException(file, HeaderBytes, "the checksum of the content is wrong");
        }

        try
        {
            return ReadTree(BinaryPrimitives.ReadInt64LittleEndian(bytes[12..]), payload);
        }
        catch (InvalidDataException e)
        {
            throw new MetadataCorruptException(file, HeaderBytes, e.Message);
        }
    }

    private static ZNodeTree ReadTree(long zxid, ReadOnlySpan<byte> payload)
    {
        var reader = new PayloadReader(payload);
        var sessions = ImmutableSortedSet.CreateBuilder<long>();
        for (var left = reader.Int32(); left > 0; left--)
        {
            sessions.Add(reader.Int64());
        }

        var nodes = ImmutableDictionary.CreateBuilder<string, ZNode>(StringComparer.Ordinal);
        var children = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        for (var left = reader.Int32(); left > 0; left--)
        {
            var path = reader.Text();
            nodes[path] = new ZNode(
                reader.Bytes(), reader.Int64(), reader.Int64(), reader.Int64(), reader.Int64(), reader.Int64(), reader.Int32(), reader.Int32(), reader.Int64(), ZNode.NoChildren);
            if (path != "/")
            {
                var parent = NodePath.Parent(path);
                if (!children.TryGetValue(parent, out var names))
                {
                    children.Add(parent, names = []);
                }

                names.Add(NodePath.Name(path));
            }
        }

        foreach (var (path, names) in children)
        {
            if (!nodes.TryGetValue(path, out var parent))
            {
                throw new InvalidDataException($"the parent '{path}' is missing");
            }

            nodes[path] = parent with { Children = ZNode.NoChildren.Union(names) };
        }

        return nodes.ContainsKey("/") && reader.IsAtEnd
            ? ZNodeTree.Restore(zxid, nodes.ToImmutable(), sessions.ToImmutable())
            : throw new InvalidDataException("the root is missing or bytes follow the last node");
    }
}
