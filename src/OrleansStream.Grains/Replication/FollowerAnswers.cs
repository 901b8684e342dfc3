using OrleansStream.Abstractions;

namespace OrleansStream.Grains.Replication;

/// <summary>
/// The last answer to each follower's fetcher. When the next fetch says that this very answer was copied, it has left this broker for good
/// and its memory serves other answers; and the follower, which still asks this leader, has done so after the answer was given, however long
/// the fetch itself may have been on its way. An answer of which nobody says so, because it was given up or the follower is gone, is left
/// to the collector. For the turns of one grain.
/// </summary>
internal sealed class FollowerAnswers(TimeProvider time)
{
    /// <summary>A follower that asks for nothing for so long has gone, or leads what it followed.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Dictionary<(int ReplicaId, int Fetcher), LastAnswer> _last = [];

    /// <summary>A fetch has come.</summary>
    /// <returns>The memory for its answer; and when the answer was given that the follower had heard when it sent the fetch, null if that is not known.</returns>
    public (AnswerBuffers Buffers, long? HeardAt) Begin(ReplicaFetchRequest request)
    {
        if (!_last.Remove((request.ReplicaId, request.Fetcher), out var last) || last.Number != request.Copied)
        {
            return (new AnswerBuffers(), null);
        }

        last.Buffers.Return();
        return (new AnswerBuffers(), last.At);
    }

    /// <summary>The fetch is answered.</summary>
    public void End(ReplicaFetchRequest request, AnswerBuffers buffers)
    {
        foreach (var (fetcher, last) in _last)
        {
            if (time.GetElapsedTime(last.At) > Patience)
            {
                _last.Remove(fetcher);
            }
        }

        if (request.Number != 0)
        {
            _last[(request.ReplicaId, request.Fetcher)] = new LastAnswer(request.Number, time.GetTimestamp(), buffers);
        }
    }

    private readonly record struct LastAnswer(long Number, long At, AnswerBuffers Buffers);
}
