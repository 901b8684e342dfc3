using OrleansStream.Engine.CodeGeneration;

namespace OrleansStream.Engine.Streams;

/// <summary>Some items of a stream on their way to the caller.</summary>
/// <param name="Status">How the stream goes on.</param>
/// <param name="Items">The items, none with <see cref="StreamStatus.Heartbeat"/>.</param>
internal readonly record struct StreamBatch<T>(StreamStatus Status, IReadOnlyList<T> Items);

/// <summary>How a stream goes on after a batch. The numbers are on the wire and never change.</summary>
internal enum StreamStatus : byte
{
    /// <summary>Ask for the next batch.</summary>
    More = 0,

    /// <summary>That was all.</summary>
    Completed = 1,

    /// <summary>Nothing is there yet; ask again.</summary>
    Heartbeat = 2,

    /// <summary>The grain does not know the stream (any more).</summary>
    Unknown = 3,
}

/// <summary>A batch as the result of a call.</summary>
internal sealed class StreamBatchResult<T>(StreamBatch<T> batch, IValueCodec<T> codec) : InvocationResult
{
    public StreamBatch<T> Batch { get; } = batch;

    public override object? BoxedValue => Batch;

    public static StreamBatchResult<T> Read(ref MessageReader reader, IValueCodec<T> codec)
    {
        var status = (StreamStatus)reader.ReadByte();
        var count = reader.ReadVarUInt32();
        if (count > reader.Remaining + 1)
        {
            throw reader.Malformed($"a batch of {count} items where {reader.Remaining} bytes are left");
        }

        var items = new List<T>((int)count);
        for (var i = 0; i < count; i++)
        {
            items.Add(codec.Read(ref reader));
        }

        return new StreamBatchResult<T>(new StreamBatch<T>(status, items), codec);
    }

    public override void Write(MessageWriter writer)
    {
        writer.WriteByte((byte)Batch.Status);
        writer.WriteVarUInt32((uint)Batch.Items.Count);
        foreach (var item in Batch.Items)
        {
            codec.Write(writer, item);
        }
    }

    public override InvocationResult CopyForLocalCall()
        => new StreamBatchResult<T>(new StreamBatch<T>(Batch.Status, [.. Batch.Items.Select(codec.Copy)]), codec);
}

/// <summary>The answer for a stream whose item type is not at hand: it has no items.</summary>
internal sealed class EmptyStreamBatch(StreamStatus status) : InvocationResult
{
    public StreamStatus Status => status;

    public override object? BoxedValue => null;

    public override void Write(MessageWriter writer)
    {
        writer.WriteByte((byte)status);
        writer.WriteVarUInt32(0);
    }

    public override InvocationResult CopyForLocalCall() => this;
}
