using OrleansStream.Engine.Calls;
using OrleansStream.Engine.CodeGeneration;
using OrleansStream.Engine.Streams;

namespace OrleansStream.Engine.Messaging;

/// <summary>Sends the calls of grain references: a silo's runtime or a client's.</summary>
internal interface ICallRuntime
{
    Task<T> InvokeAsync<T>(GrainReferenceContext target, GrainMethodInvocation invocation);

    Task InvokeAsync(GrainReferenceContext target, GrainMethodInvocation invocation);

    Task InvokeOneWayAsync(GrainReferenceContext target, GrainMethodInvocation invocation);

    /// <summary>Starts, continues or ends a stream.</summary>
    Task<StreamBatch<T>> InvokeStreamAsync<T>(GrainReferenceContext target, CallKind kind, GrainMethodInvocation invocation, Guid streamId, int batchSize);
}
