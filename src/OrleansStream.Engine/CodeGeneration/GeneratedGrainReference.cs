using System.ComponentModel;
using Orleans.Runtime;

namespace OrleansStream.Engine.CodeGeneration;

/// <summary>The base of generated reference classes: hands invocations to the runtime.</summary>
/// <param name="context">Whom to call, and through what.</param>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class GeneratedGrainReference(GrainReferenceContext context) : GrainReference(context)
{
    /// <summary>A call with a result.</summary>
    protected Task<T> InvokeAsync<T>(GrainMethodInvocation invocation) => Context.Runtime.InvokeAsync<T>(Context, invocation);

    /// <summary>A call without a result.</summary>
    protected Task InvokeAsync(GrainMethodInvocation invocation) => Context.Runtime.InvokeAsync(Context, invocation);

    /// <summary>A call without an answer.</summary>
    protected Task InvokeOneWayAsync(GrainMethodInvocation invocation) => Context.Runtime.InvokeOneWayAsync(Context, invocation);

    /// <summary>A call that streams its results; nothing is sent before the enumeration starts.</summary>
    protected IAsyncEnumerable<T> InvokeStream<T>(GrainMethodInvocation invocation) => new Streams.RemoteStream<T>(Context, invocation);
}
