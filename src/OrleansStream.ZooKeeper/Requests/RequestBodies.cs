using System.Buffers;
using OrleansStream.Metadata;
using OrleansStream.ZooKeeper.Wire;

namespace OrleansStream.ZooKeeper.Requests;

/// <summary>Writes the records of requests; paths include the chroot.</summary>
internal static class RequestBodies
{
    /// <summary>What a record takes besides path and data, about.</summary>
    private const int RecordOverheadBytes = 96;

    public static ReadOnlyMemory<byte> PathOnly(string path) => Write(path.Length, writer => writer.WriteString(path));

    public static ReadOnlyMemory<byte> PathAndWatch(string path, bool watch)
        => Write(path.Length, writer =>
        {
            writer.WriteString(path);
            writer.WriteBool(watch);
        });

    public static ReadOnlyMemory<byte> PathAndVersion(string path, int version)
        => Write(path.Length, writer =>
        {
            writer.WriteString(path);
            writer.WriteInt(version);
        });

    public static ReadOnlyMemory<byte> SetData(string path, ReadOnlyMemory<byte> data, int version)
        => Write(path.Length + data.Length, writer => WriteSetData(writer, path, data.Span, version));

    public static ReadOnlyMemory<byte> Create(
        string path, ReadOnlyMemory<byte> data, IReadOnlyCollection<AclEntry> acl, ZNodeMode mode, TimeSpan? timeToLive)
        => Write(path.Length + data.Length, writer =>
        {
            WriteCreate(writer, path, data.Span, acl, (int)mode);
            if (timeToLive is { } ttl)
            {
                writer.WriteLong((long)ttl.TotalMilliseconds);
            }
        });

    public static ReadOnlyMemory<byte> SetAcl(string path, IReadOnlyCollection<AclEntry> acl, int version)
        => Write(path.Length, writer =>
        {
            writer.WriteString(path);
            writer.WriteAcl(acl);
            writer.WriteInt(version);
        });

    public static ReadOnlyMemory<byte> Auth(AuthInfo auth)
        => Write(auth.Credentials.Length, writer =>
        {
            writer.WriteInt(0);
            writer.WriteString(auth.Scheme);
            writer.WriteBuffer(auth.Credentials.Span);
        });

    public static ReadOnlyMemory<byte> Connect(long lastZxid, int timeoutMs, long sessionId, ReadOnlyMemory<byte> password)
        => Write(password.Length, writer =>
        {
            writer.WriteInt(0);
            writer.WriteLong(lastZxid);
            writer.WriteInt(timeoutMs);
            writer.WriteLong(sessionId);
            writer.WriteBuffer(password.Span);
            writer.WriteBool(false);
        });

    public static ReadOnlyMemory<byte> SetWatches(
        long relativeZxid, IReadOnlyCollection<string> data, IReadOnlyCollection<string> existence, IReadOnlyCollection<string> children)
        => Write(0, writer =>
        {
            writer.WriteLong(relativeZxid);
            writer.WriteStrings(data);
            writer.WriteStrings(existence);
            writer.WriteStrings(children);
        });

    public static ReadOnlyMemory<byte> Multi(IReadOnlyList<MultiOperation> operations, IReadOnlyCollection<AclEntry> acl, Func<string, string> serverPath)
        => Write(operations.Count * RecordOverheadBytes, writer =>
        {
            foreach (var operation in operations)
            {
                WriteMultiHeader(writer, OpCodeOf(operation), isDone: false);
                var path = serverPath(operation.Path);
                switch (operation)
                {
                    case MultiOperation.Create create:
                        WriteCreate(writer, path, create.Data.Span, acl, (int)create.Mode);
                        break;
                    case MultiOperation.Delete delete:
                        writer.WriteString(path);
                        writer.WriteInt(delete.Version);
                        break;
                    case MultiOperation.SetData set:
                        WriteSetData(writer, path, set.Data.Span, set.Version);
                        break;
                    case MultiOperation.Check check:
                        writer.WriteString(path);
                        writer.WriteInt(check.Version);
                        break;
                }
            }

            WriteMultiHeader(writer, OpCode.Error, isDone: true);
        });

    private static OpCode OpCodeOf(MultiOperation operation)
        => operation switch
        {
            MultiOperation.Create => OpCode.Create,
            MultiOperation.Delete => OpCode.Delete,
            MultiOperation.SetData => OpCode.SetData,
            MultiOperation.Check => OpCode.Check,
            _ => throw new ArgumentOutOfRangeException(nameof(operation), operation, "Not an operation of a multi."),
        };

    private static void WriteMultiHeader(JuteWriter writer, OpCode type, bool isDone)
    {
        writer.WriteInt((int)type);
        writer.WriteBool(isDone);
        writer.WriteInt(-1);
    }

    private static void WriteCreate(JuteWriter writer, string path, ReadOnlySpan<byte> data, IReadOnlyCollection<AclEntry> acl, int flags)
    {
        writer.WriteString(path);
        writer.WriteBuffer(data);
        writer.WriteAcl(acl);
        writer.WriteInt(flags);
    }

    private static void WriteSetData(JuteWriter writer, string path, ReadOnlySpan<byte> data, int version)
    {
        writer.WriteString(path);
        writer.WriteBuffer(data);
        writer.WriteInt(version);
    }

    private static ReadOnlyMemory<byte> Write(int sizeHint, Action<JuteWriter> write)
    {
        var output = new ArrayBufferWriter<byte>(sizeHint + RecordOverheadBytes);
        write(new JuteWriter(output));
        return output.WrittenMemory;
    }
}
