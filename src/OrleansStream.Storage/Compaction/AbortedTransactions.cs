namespace OrleansStream.Storage.Compaction;

/// <summary>The transactions that ended in an abort, as a scan finds them. Not thread-safe.</summary>
internal sealed class AbortedTransactions
{
    private readonly Dictionary<long, long> _firstOffsets = [];
    private readonly Dictionary<long, List<(long First, long Marker)>> _aborted = [];

    /// <summary>Takes note of a batch of a transaction.</summary>
    public void OnBatch(long producerId, long baseOffset) => _firstOffsets.TryAdd(producerId, baseOffset);

    /// <summary>Takes note of the end of a producer's transaction.</summary>
    public void OnMarker(long producerId, long offset, bool isAbort)
    {
        if (_firstOffsets.Remove(producerId, out var first) && isAbort)
        {
            if (!_aborted.TryGetValue(producerId, out var transactions))
            {
                _aborted.Add(producerId, transactions = []);
            }

            transactions.Add((first, offset));
        }
    }

    /// <summary>Whether a batch of a transaction was aborted.</summary>
    public bool Contains(long producerId, long baseOffset)
    {
        if (!_aborted.TryGetValue(producerId, out var transactions))
        {
            return false;
        }

        // They are in order: the first one that ends behind the batch is the only candidate.
        int low = 0, high = transactions.Count;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (transactions[middle].Marker < baseOffset)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low < transactions.Count && transactions[low].First <= baseOffset;
    }
}
