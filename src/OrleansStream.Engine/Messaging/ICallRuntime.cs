using OrleansStream.Engine.CodeGeneration;

namespace OrleansStream.Engine.Messaging;

/// <summary>Sends the calls of grain references: a silo's runtime or a client's.</summary>
internal interface ICallRuntime
{
    Task<T> InvokeAsync<T>(GrainReferenceContext target, GrainMethodInvocation invocation);

    Task InvokeAsync(GrainReferenceContext target, GrainMethodInvocation invocation);

    Task InvokeOneWayAsync(GrainReferenceContext target, GrainMethodInvocation invocation);
}
