using System.Buffers;

namespace OrleansStream.Protocol.Records;

/// <summary>
/// A finished batch and the pooled buffer under it. Whoever holds it disposes of it once nobody reads the bytes any more.
/// </summary>
public sealed class OwnedRecordBatch : IMemoryOwner<byte>
{
    private readonly int _length;
    private byte[]? _buffer;

    internal OwnedRecordBatch(byte[] buffer, int length, int recordCount)
    {
        _buffer = buffer;
        _length = length;
        RecordCount = recordCount;
    }

    /// <summary>The number of records.</summary>
    public int RecordCount { get; }

    /// <summary>The batch's size.</summary>
    public int SizeInBytes => _length;

    /// <summary>Exactly the batch's bytes.</summary>
    /// <exception cref="ObjectDisposedException">After <see cref="Dispose"/>.</exception>
    public Memory<byte> Memory => Buffer.AsMemory(0, _length);

    /// <summary>The header as it is now.</summary>
    /// <exception cref="ObjectDisposedException">After <see cref="Dispose"/>.</exception>
    public RecordBatchHeader Header
    {
        get
        {
            RecordBatchHeader.TryRead(Buffer.AsSpan(0, _length), out var header);
            return header;
        }
    }

    private byte[] Buffer => _buffer ?? throw new ObjectDisposedException(nameof(OwnedRecordBatch));

    /// <summary>Sets who sends the batch, and renews the CRC. Not while a request still reads the bytes.</summary>
    public void SetProducer(ProducerSequence producer) => RecordBatch.SetProducer(Buffer.AsSpan(0, _length), producer);

    /// <summary>Returns the buffer to the pool; harmless to repeat.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _buffer, null) is { } buffer)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
