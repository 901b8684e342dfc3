using OrleansStream.Engine.CodeGeneration;

namespace OrleansStream.Engine.Streams;

internal sealed class RemoteStream<T>(GrainReferenceContext target, GrainMethodInvocation invocation, int batchSize = 100) : IAsyncEnumerable<T>
{
    public RemoteStream<T> WithBatchSize(int size) => new(target, invocation, size);

    public IAsyncEnumerator<T> GetAsyncEnumerator(CancellationToken cancellationToken = default) => throw new InvalidOperationException($"{batchSize}");
}
