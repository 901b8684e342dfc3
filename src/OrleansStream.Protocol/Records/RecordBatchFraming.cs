namespace OrleansStream.Protocol.Records;

/// <summary>Finds where a batch ends.</summary>
internal static class RecordBatchFraming
{
    /// <summary>
    /// Reads the header of the batch that <paramref name="source"/> starts with. False: the source ends within the batch.
    /// What is wrong in the part that is there is reported at once.
    /// </summary>
    /// <exception cref="ProtocolException">Wrong magic or length.</exception>
    public static bool TryRead(ReadOnlySpan<byte> source, int maxBatchBytes, out RecordBatchHeader header)
    {
        if (!RecordBatchHeader.TryRead(source, out header))
        {
            return false;
        }

        header.ValidateFraming(maxBatchBytes).ThrowIfInvalid();
        return header.TotalSize <= source.Length;
    }
}
