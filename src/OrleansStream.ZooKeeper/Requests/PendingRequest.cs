using OrleansStream.ZooKeeper.Session;
using OrleansStream.ZooKeeper.Wire;

namespace OrleansStream.ZooKeeper.Requests;

/// <summary>A request from its call to its answer.</summary>
internal abstract class PendingRequest(OpCode opCode, ReadOnlyMemory<byte> body, bool isRepeatable)
{
    public OpCode OpCode => opCode;

    /// <summary>The request's record; the header is written when it is sent.</summary>
    public ReadOnlyMemory<byte> Body => body;

    /// <summary>Whether it may be sent again when the connection was lost before the answer.</summary>
    public bool IsRepeatable => isRepeatable;

    /// <summary>Whether nobody waits for it any more: it is not sent then, if it was not yet.</summary>
    public abstract bool IsAbandoned { get; }

    /// <summary>Its number on the connection that it was last sent on.</summary>
    public int Xid { get; set; }

    /// <summary>Takes the answer, and sets the watch that belongs to it.</summary>
    /// <param name="error">The outcome.</param>
    /// <param name="zxid">The last transaction that the server had applied: for a write, its own.</param>
    /// <param name="answer">The answer's record; empty unless the outcome is Ok.</param>
    /// <param name="watches">The session's watches.</param>
    public abstract void Complete(ZooKeeperError error, long zxid, ReadOnlySpan<byte> answer, WatchRegistry watches);

    public abstract void Fail(Exception exception);
}

/// <summary>Makes the caller's value of an answer; the record is there only if the error is Ok.</summary>
internal delegate T AnswerReader<out T>(ZooKeeperError error, long zxid, ref JuteReader reader);

/// <summary>A request with its caller's task.</summary>
internal sealed class PendingRequest<T>(
    OpCode opCode, ReadOnlyMemory<byte> body, bool isRepeatable, AnswerReader<T> read, WatchIntent? watch = null)
    : PendingRequest(opCode, body, isRepeatable)
{
    private readonly TaskCompletionSource<T> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<T> Task => _answer.Task;

    public override bool IsAbandoned => _answer.Task.IsCanceled;

    /// <summary>Waits for the answer. A request that was not sent when the token is cancelled never is.</summary>
    public async Task<T> WaitAsync(CancellationToken cancellationToken)
    {
        await using (cancellationToken.UnsafeRegister(static (self, token) => ((PendingRequest<T>)self!)._answer.TrySetCanceled(token), this))
        {
            return await _answer.Task;
        }
    }

    public override void Complete(ZooKeeperError error, long zxid, ReadOnlySpan<byte> answer, WatchRegistry watches)
    {
        var reader = new JuteReader(answer);
        var value = read(error, zxid, ref reader);
        if (watch is not null)
        {
            watches.Add(watch, error);
        }

        _answer.TrySetResult(value);
    }

    public override void Fail(Exception exception) => _answer.TrySetException(exception);
}
