namespace OrleansStream.Protocol.Records;

/// <summary>
/// <see cref="RecordBatchEnumerator"/> over a span: gives the headers, and the batches' bytes as
/// <see cref="CurrentBatch"/>.
/// </summary>
public ref struct RecordBatchSpanEnumerator
{
    private readonly ReadOnlySpan<byte> _batches;
    private readonly int _maxBatchBytes;

    internal RecordBatchSpanEnumerator(ReadOnlySpan<byte> batches, int maxBatchBytes)
    {
        _batches = batches;
        _maxBatchBytes = maxBatchBytes;
    }

    /// <summary>The header of the batch at the enumerator's place.</summary>
    public RecordBatchHeader Current { get; private set; }

    /// <summary>Where the current batch starts in the buffer.</summary>
    public int CurrentPosition { get; private set; }

    /// <summary>Exactly the bytes of the current batch.</summary>
    public readonly ReadOnlySpan<byte> CurrentBatch => _batches[CurrentPosition..BytesConsumed];

    /// <summary>The bytes of all batches up to and including the current one.</summary>
    public int BytesConsumed { get; private set; }

    /// <summary>What follows the current batch: at the end of the enumeration the part of a cut-off batch.</summary>
    public readonly int RemainingBytes => _batches.Length - BytesConsumed;

    /// <summary>Goes to the next whole batch; false at the end.</summary>
    /// <exception cref="ProtocolException">Wrong magic or length.</exception>
    public bool MoveNext()
    {
        if (!RecordBatchFraming.TryRead(_batches[BytesConsumed..], _maxBatchBytes, out var header))
        {
            return false;
        }

        Current = header;
        CurrentPosition = BytesConsumed;
        BytesConsumed += header.SizeInBytes;
        return true;
    }

    /// <summary>Lets <c>foreach</c> take the enumerator itself.</summary>
    public readonly RecordBatchSpanEnumerator GetEnumerator() => this;
}
