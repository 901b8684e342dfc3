namespace OrleansStream.Core.Replicas;

/// <summary>Where each leader epoch's records lie in a log (KIP-101): what replicas compare to find where they diverge.</summary>
public interface ILeaderEpochs
{
    /// <summary>The leader epoch of the last batch; -1 for an empty log.</summary>
    int LatestEpoch { get; }

    /// <summary>
    /// The largest epoch that is not above <paramref name="epoch"/> and the offset at which it ends; (-1, -1) if there is none.
    /// </summary>
    (int Epoch, long EndOffset) EndOffsetForEpoch(int epoch);
}
