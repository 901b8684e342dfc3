using Orleans.Runtime;
using OrleansStream.Engine.Calls;
using OrleansStream.Engine.CodeGeneration;

namespace OrleansStream.Engine.Streams;

/// <summary>A stream at its caller: each enumeration starts the grain's method anew and pulls batches from it.</summary>
internal sealed class RemoteStream<T>(GrainReferenceContext target, GrainMethodInvocation invocation, int batchSize = RemoteStream<T>.DefaultBatchSize) : IAsyncEnumerable<T>
{
    private const int DefaultBatchSize = 100;

    public RemoteStream<T> WithBatchSize(int size) => new(target, invocation, size);

    public async IAsyncEnumerator<T> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        var own = invocation.CancellationToken;
        using var either = own.CanBeCanceled && cancellationToken.CanBeCanceled
            ? CancellationTokenSource.CreateLinkedTokenSource(own, cancellationToken)
            : null;
        var token = either?.Token ?? (own.CanBeCanceled ? own : cancellationToken);
        var call = invocation.CopyForLocalCall();
        call.CancellationToken = token;
        var streamId = Guid.NewGuid();
        var kind = CallKind.StreamStart;
        var hasEnded = false;
        try
        {
            while (!hasEnded)
            {
                var batch = await target.Runtime.InvokeStreamAsync<T>(target, kind, call, streamId, batchSize);
                kind = CallKind.StreamNext;
                hasEnded = batch.Status is StreamStatus.Completed or StreamStatus.Unknown;
                foreach (var item in batch.Items)
                {
                    token.ThrowIfCancellationRequested();
                    yield return item;
                }

                if (batch.Status is StreamStatus.Unknown)
                {
                    throw new EnumerationAbortedException($"Grain {target.GrainId} does not know the stream: it was deactivated, or the caller was silent for too long.");
                }
            }
        }
        finally
        {
            // When the grain ended it (by its end or an error) there is nothing left to end.
            if (!hasEnded)
            {
                await DisposeRemoteAsync(call, streamId);
            }
        }
    }

    private async Task DisposeRemoteAsync(GrainMethodInvocation call, Guid streamId)
    {
        try
        {
            call.CancellationToken = CancellationToken.None;
            await target.Runtime.InvokeStreamAsync<T>(target, CallKind.StreamDispose, call, streamId, 0);
        }
        catch (Exception exception) when (exception is OrleansException or TimeoutException)
        {
            // The grain's silo is gone or busy; it forgets a stream that nobody asks for.
        }
    }
}
