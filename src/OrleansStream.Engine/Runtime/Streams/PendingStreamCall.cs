using OrleansStream.Engine.Calls;
using OrleansStream.Engine.CodeGeneration;
using OrleansStream.Engine.Messaging;

namespace OrleansStream.Engine.Streams;

/// <summary>A call for a batch of a stream.</summary>
internal sealed class PendingStreamCall<T>(CallRuntime runtime, in CallTarget target) : PendingCall<StreamBatch<T>>(runtime, target)
{
    protected override InvocationResult ReadResult(ref MessageReader reader) => StreamBatchResult<T>.Read(ref reader, ValueCodecs.Get<T>());

    protected override StreamBatch<T> ValueOf(InvocationResult result)
        => result is StreamBatchResult<T> batch ? batch.Batch : new StreamBatch<T>(((EmptyStreamBatch)result).Status, []);
}
