using OrleansStream.Protocol.Records;

namespace OrleansStream.Storage.Compaction;

/// <summary>
/// What one pass over a log has seen of transactions: records of aborted ones go, and a marker may go once nothing of its
/// transaction is left (KIP-98, KIP-534). Not thread-safe.
/// </summary>
internal sealed class CleanedTransactions(AbortedTransactions? aborted)
{
    private readonly HashSet<long> _withAbortedBatches = [];
    private readonly HashSet<long> _withCommittedBatches = [];

    /// <summary>Whether a batch of data belongs to an aborted transaction.</summary>
    public bool IsAborted(in RecordBatchHeader header)
    {
        if (!header.IsTransactional)
        {
            return false;
        }

        if (aborted?.Contains(header.ProducerId, header.BaseOffset) == true)
        {
            _withAbortedBatches.Add(header.ProducerId);
            return true;
        }

        _withCommittedBatches.Add(header.ProducerId);
        return false;
    }

    /// <summary>Whether this pass has met no batch of the transaction that a marker ends.</summary>
    public bool IsEmpty(long producerId, ControlRecordType marker) => marker switch
    {
        ControlRecordType.Abort => !_withAbortedBatches.Remove(producerId),
        ControlRecordType.Commit => !_withCommittedBatches.Remove(producerId),
        _ => false,
    };
}
