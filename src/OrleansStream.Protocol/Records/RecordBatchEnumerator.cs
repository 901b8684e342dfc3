namespace OrleansStream.Protocol.Records;

/// <summary>
/// Splits a buffer into its batches. A last batch that the buffer cuts off ends the enumeration
/// (<see cref="RemainingBytes"/> is then not 0); everything else that is wrong with the framing is a
/// <see cref="ProtocolException"/>. CRC and contents are not checked here.
/// </summary>
public struct RecordBatchEnumerator
{
    private readonly ReadOnlyMemory<byte> _batches;
    private readonly int _maxBatchBytes;

    internal RecordBatchEnumerator(ReadOnlyMemory<byte> batches, int maxBatchBytes)
    {
        _batches = batches;
        _maxBatchBytes = maxBatchBytes;
    }

    /// <summary>The batch at the enumerator's place.</summary>
    public RecordBatch Current { get; private set; }

    /// <summary>The bytes of all batches up to and including the current one.</summary>
    public int BytesConsumed { get; private set; }

    /// <summary>What follows the current batch: at the end of the enumeration the part of a cut-off batch.</summary>
    public readonly int RemainingBytes => _batches.Length - BytesConsumed;

    /// <summary>Goes to the next whole batch; false at the end.</summary>
    /// <exception cref="ProtocolException">Wrong magic or length.</exception>
    public bool MoveNext()
    {
        var rest = _batches[BytesConsumed..];
        if (!RecordBatchFraming.TryRead(rest.Span, _maxBatchBytes, out var header))
        {
            return false;
        }

        Current = new RecordBatch(header, rest[..header.SizeInBytes]);
        BytesConsumed += header.SizeInBytes;
        return true;
    }

    /// <summary>Lets <c>foreach</c> take the enumerator itself.</summary>
    public readonly RecordBatchEnumerator GetEnumerator() => this;
}
