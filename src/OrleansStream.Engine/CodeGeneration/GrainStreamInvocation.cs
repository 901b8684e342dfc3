using System.ComponentModel;

namespace OrleansStream.Engine.CodeGeneration;

/// <summary>
/// One call of a grain method that returns <see cref="IAsyncEnumerable{T}"/>. The generator derives from it instead of from
/// <see cref="GrainMethodInvocation"/>; the caller's reference passes it to <see cref="GeneratedGrainReference.InvokeStream{T}"/>.
/// Items are written with <c>ValueCodecs.Get&lt;T&gt;()</c>.
/// </summary>
/// <typeparam name="T">The type of the items.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class GrainStreamInvocation<T> : GrainMethodInvocation
{
    /// <summary>Calls the method on <paramref name="target"/>, with <see cref="GrainMethodInvocation.CancellationToken"/> where the method takes a token.</summary>
    public abstract IAsyncEnumerable<T> InvokeStream(object target);

    /// <summary>Not used: a stream has no single result.</summary>
    public sealed override ValueTask<InvocationResult> InvokeAsync(object target)
        => throw new InvalidOperationException($"{Method.MethodName} returns a stream; it is enumerated, not awaited.");

    /// <summary>Not used: a stream has no single result.</summary>
    public sealed override InvocationResult ReadResult(ref MessageReader reader)
        => throw new InvalidOperationException($"{Method.MethodName} returns a stream; it has no single result.");
}
