using OrleansStream.Engine.Activations;
using OrleansStream.Engine.Calls;
using OrleansStream.Engine.CodeGeneration;

namespace OrleansStream.Engine.Streams;

/// <summary>The streams that one activation's callers enumerate. All in the activation's turns.</summary>
internal sealed class StreamSessions(ActivationData activation)
{
    private readonly Dictionary<Guid, StreamSession> _sessions = [];

    public async Task<InvocationResult> HandleAsync(GrainRequest request)
    {
        if (request.Kind is CallKind.StreamStart)
        {
            // The stream outlives the request that starts it, so its token is not the request's.
            var cancellation = new CancellationTokenSource();
            request.Invocation!.CancellationToken = cancellation.Token;
            var result = await request.Invocation.InvokeAsync(activation.GrainInstance!);
            var session = ((StreamInvocationResult)result).Accept(new SessionMaker(activation, cancellation));
            _sessions[request.StreamId] = session;
        }

        if (!_sessions.TryGetValue(request.StreamId, out var found))
        {
            return new EmptyStreamBatch(request.Kind is CallKind.StreamDispose ? StreamStatus.Completed : StreamStatus.Unknown);
        }

        if (request.Kind is CallKind.StreamDispose)
        {
            _sessions.Remove(request.StreamId);
            await found.DisposeAsync();
            return new EmptyStreamBatch(StreamStatus.Completed);
        }

        try
        {
            var (hasEnded, result) = await found.NextAsync(request.BatchSize, request.CancellationToken);
            if (hasEnded)
            {
                await EndAsync(request.StreamId, found);
            }

            return result;
        }
        catch
        {
            await EndAsync(request.StreamId, found);
            throw;
        }
    }

    /// <summary>Ends the streams that nobody asked for in a while.</summary>
    public void CollectIdle()
    {
        var limit = activation.Catalog.StreamIdleTimeout;
        foreach (var (id, session) in _sessions.Where(pair => pair.Value.IsIdleFor(limit)).ToArray())
        {
            _ = EndAsync(id, session);
        }
    }

    /// <summary>Ends all streams.</summary>
    public void Dispose()
    {
        foreach (var (id, session) in _sessions.ToArray())
        {
            _ = EndAsync(id, session);
        }
    }

    private async Task EndAsync(Guid id, StreamSession session)
    {
        _sessions.Remove(id);
        await session.DisposeAsync();
    }

    private sealed class SessionMaker(ActivationData activation, CancellationTokenSource cancellation) : IStreamInvocationVisitor<StreamSession>
    {
        public StreamSession Visit<T>(IAsyncEnumerable<T> stream, IValueCodec<T> codec) => new StreamSession<T>(activation, stream, codec, cancellation);
    }
}
