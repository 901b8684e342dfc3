using System.Buffers;
using System.Collections.Immutable;

namespace OrleansStream.Metadata.Local;

/// <summary>
/// The payload of a journal record: time (i64), number of changes (i32), and for each its kind (u8) and fields; texts and data with
/// their length (i32) before them. Kinds are never used for anything else.
/// </summary>
internal static class TransactionFormat
{
    private const byte CreateKind = 1;
    private const byte DeleteKind = 2;
    private const byte SetDataKind = 3;
    private const byte OpenSessionKind = 4;
    private const byte CloseSessionKind = 5;

    public static void Write(TreeTransaction transaction, IBufferWriter<byte> output)
    {
        var writer = new PayloadWriter(output);
        writer.Int64(transaction.TimeMs);
        writer.Int32(transaction.Changes.Length);
        foreach (var change in transaction.Changes)
        {
            Write(change, writer);
        }
    }

    /// <exception cref="InvalidDataException">The payload is not a transaction.</exception>
    public static TreeTransaction Read(long zxid, ReadOnlySpan<byte> payload)
    {
        var reader = new PayloadReader(payload);
        var timeMs = reader.Int64();
        var count = reader.Int32();
        if (count < 0 || count > payload.Length)
        {
            throw new InvalidDataException($"{count} changes are announced in {payload.Length} bytes");
        }

        var changes = ImmutableArray.CreateBuilder<TreeChange>(count);
        for (var i = 0; i < count; i++)
        {
            changes.Add(ReadChange(ref reader));
        }

        return reader.IsAtEnd
            ? new TreeTransaction(zxid, timeMs, changes.MoveToImmutable())
            : throw new InvalidDataException("bytes follow the last change");
    }

    private static void Write(TreeChange change, PayloadWriter writer)
    {
        switch (change)
        {
            case TreeChange.Create create:
                writer.Byte(CreateKind);
                writer.Text(create.Path);
                writer.Bytes(create.Data.Span);
                writer.Int64(create.EphemeralOwner);
                break;
            case TreeChange.Delete delete:
                writer.Byte(DeleteKind);
                writer.Text(delete.Path);
                break;
            case TreeChange.SetData set:
                writer.Byte(SetDataKind);
                writer.Text(set.Path);
                writer.Bytes(set.Data.Span);
                break;
            case TreeChange.OpenSession open:
                writer.Byte(OpenSessionKind);
                writer.Int64(open.SessionId);
                break;
            case TreeChange.CloseSession close:
                writer.Byte(CloseSessionKind);
                writer.Int64(close.SessionId);
                break;
            default:
                throw new InvalidOperationException($"unknown change {change}");
        }
    }

    private static TreeChange ReadChange(ref PayloadReader reader)
    {
        var kind = reader.Byte();
        return kind switch
        {
            CreateKind => new TreeChange.Create(reader.Text(), reader.Bytes(), reader.Int64()),
            DeleteKind => new TreeChange.Delete(reader.Text()),
            SetDataKind => new TreeChange.SetData(reader.Text(), reader.Bytes()),
            OpenSessionKind => new TreeChange.OpenSession(reader.Int64()),
            CloseSessionKind => new TreeChange.CloseSession(reader.Int64()),
            _ => throw new InvalidDataException($"the change has the unknown kind {kind}"),
        };
    }
}
