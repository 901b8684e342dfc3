using OrleansStream.Protocol.Records;

namespace OrleansStream.Client;

/// <summary>
/// The records of one partition that are sent together. While it is open it belongs to its partition's lock; afterwards
/// to whoever sends it. Its bytes are made once, and every retry sends the same.
/// </summary>
internal sealed class ProducerBatch
{
    private readonly RecordBatchBuilder? _builder;
    private OwnedRecordBatch? _owner;
    private Memory<byte> _encoded;
    private ProducerSequence _encodedSequence;

    /// <summary>An open batch.</summary>
    public ProducerBatch(long order, long createdAt, CompressionType compression, int sizeLimit, int initialCapacity)
    {
        Order = order;
        CreatedAt = createdAt;
        _builder = new RecordBatchBuilder(compression, initialCapacity: initialCapacity) { SizeLimit = sizeLimit };
    }

    /// <summary>A part of a batch that was too large.</summary>
    public ProducerBatch(ProducerBatch whole, long order, int firstIndex, OwnedRecordBatch records, long reservedBytes)
    {
        Order = order;
        IsPart = true;
        CreatedAt = whole.CreatedAt;
        Attempts = whole.Attempts;
        Tracker = whole.Tracker;
        FirstIndex = whole.FirstIndex + firstIndex;
        RecordCount = records.RecordCount;
        ReservedBytes = reservedBytes;
        Sequence = whole.HasSequence
            ? whole.Sequence with { BaseSequence = ProducerSequence.Increment(whole.Sequence.BaseSequence, firstIndex) }
            : ProducerSequence.None;
        _owner = records;
        _encoded = records.Memory;
        _encodedSequence = records.Header.Producer;
    }

    /// <summary>Its place among the batches of the partition.</summary>
    public long Order { get; }

    /// <summary>When its first record was buffered, as a timestamp of the time provider.</summary>
    public long CreatedAt { get; }

    /// <summary>Who sends it; <see cref="ProducerSequence.None"/> until it is sent first, or without idempotence.</summary>
    public ProducerSequence Sequence { get; set; } = ProducerSequence.None;

    public bool HasSequence => Sequence.BaseSequence >= 0;

    /// <summary>Whether an attempt ended without answer, so that the records may be in the log.</summary>
    public bool MayBeStored { get; set; }

    /// <summary>Whether a call that has not ended, or of which that is not known, may still read the bytes.</summary>
    public bool IsShared { get; set; }

    public int Attempts { get; set; }

    /// <summary>Whether it was sent with its present sequence.</summary>
    public bool WasSent { get; set; }

    /// <summary>How many later batches were sent while this one was not settled.</summary>
    public int PassedBy { get; set; }

    /// <summary>Starts again, as if it had never been sent: under another producer id or epoch.</summary>
    public void ForgetSequence()
    {
        Sequence = ProducerSequence.None;
        WasSent = false;
        PassedBy = 0;
    }

    /// <summary>The last reason to try again, for the message when there is no more time.</summary>
    public (ErrorCode Error, string? Message, Exception? Exception) LastFailure { get; set; }

    public DeliveryTracker? Tracker { get; private set; }

    /// <summary>The index of the first record in the tracker: not 0 in a part of a batch.</summary>
    public int FirstIndex { get; }

    public int RecordCount { get; private set; }

    /// <summary>Whether this is a part of a batch that was too large, which shares its tracker with other parts.</summary>
    public bool IsPart { get; }

    /// <summary>What the batch takes of the buffer.</summary>
    public long ReservedBytes { get; set; }

    /// <summary>The batch's size so far, before compression; its final size once it is encoded.</summary>
    public int SizeInBytes => _encoded.Length > 0 ? _encoded.Length : _builder!.SizeInBytes;

    public bool HasRoomFor(int keyLength, int valueLength, ReadOnlySpan<RecordHeader> headers)
        => _builder!.HasRoomFor(keyLength, valueLength, headers);

    /// <summary>Appends a record that has room; returns its index.</summary>
    public int Append(in EncodedRecord record)
    {
        _builder!.Append(record.TimestampMs, record.Key, record.Value, record.Headers);
        return RecordCount++;
    }

    public DeliveryTracker Track() => Tracker ??= new DeliveryTracker();

    /// <summary>The bytes with the batch's sequence in them.</summary>
    public ReadOnlyMemory<byte> Encode()
    {
        if (_encoded.IsEmpty)
        {
            _owner = _builder!.Close(Sequence);
            _builder.Dispose();
            _encoded = _owner.Memory;
            _encodedSequence = Sequence;
        }
        else if (_encodedSequence != Sequence)
        {
            if (IsShared)
            {
                // Somebody may still read the old bytes: leave them to the garbage collector.
                _encoded = _encoded.ToArray();
                _owner = null;
                IsShared = false;
            }

            RecordBatch.SetProducer(_encoded.Span, Sequence);
            _encodedSequence = Sequence;
        }

        return _encoded;
    }

    /// <summary>Gives the memory back.</summary>
    public void Release()
    {
        _builder?.Dispose();
        if (!IsShared)
        {
            _owner?.Dispose();
        }

        _owner = null;
        _encoded = default;
    }
}
