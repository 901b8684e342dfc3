using FASTER.core;

namespace OrleansStream.Storage.Buffers;

/// <summary>
/// Tells FASTER where the log begins and ends. FASTER would write a metadata file for each commit and delete it at the
/// next; here entries carry what recovery needs, so nothing is stored, and recovery is handed the range that the log's
/// own scan has verified.
/// </summary>
internal sealed class KnownCommit(long beginAddress, long untilAddress) : ILogCommitManager
{
    private const long Number = 1;

    public IEnumerable<long> ListCommits() => [Number];

    public byte[] GetCommitMetadata(long commitNum) =>
        new FasterLogRecoveryInfo { BeginAddress = beginAddress, UntilAddress = untilAddress, CommitNum = Number }.ToByteArray();

    public void Commit(long beginAddress, long untilAddress, byte[] commitMetadata, long commitNum, bool forceWriteMetadata)
    {
    }

    public void RemoveCommit(long commitNum)
    {
    }

    public void RemoveAllCommits()
    {
    }

    public void OnRecovery(long commitNum)
    {
    }

    public void Dispose()
    {
    }
}
