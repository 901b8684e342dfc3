using System.ComponentModel;
using System.Reflection;

namespace OrleansStream.Engine.CodeGeneration;

/// <summary>
/// One call of a grain method: its arguments, and how to write, copy and invoke them. The generator emits one sealed
/// subclass for each method of each grain interface. This is the contract between generated code and the engine's runtime.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class GrainMethodInvocation
{
    /// <summary>What the engine must know of the method; one static instance for each generated class.</summary>
    public abstract GrainMethodDescriptor Method { get; }

    /// <summary>The caller's token, taken out of the arguments: it never travels as a value. The runtime sets its own on the callee's side.</summary>
    public CancellationToken CancellationToken { get; set; }

    /// <summary>Writes the arguments.</summary>
    public abstract void WriteArguments(MessageWriter writer);

    /// <summary>Reads the arguments into this object.</summary>
    public abstract void ReadArguments(ref MessageReader reader);

    /// <summary>A new invocation whose arguments are isolated from this one's, for a call inside a silo.</summary>
    public abstract GrainMethodInvocation CopyForLocalCall();

    /// <summary>
    /// Calls the method on <paramref name="target"/> (which implements the grain interface) and completes with its result holder.
    /// An exception of the method leaves through the task.
    /// </summary>
    public abstract ValueTask<InvocationResult> InvokeAsync(object target);

    /// <summary>Reads a result that <see cref="InvocationResult.Write"/> wrote.</summary>
    public abstract InvocationResult ReadResult(ref MessageReader reader);
}

/// <summary>A method's result on its way back. <see cref="InvocationResult{T}"/> for a value, <see cref="Void"/> for none.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class InvocationResult
{
    /// <summary>The result of a method without one.</summary>
    public static InvocationResult Void { get; } = new VoidResult();

    /// <summary>The value, boxed; null for void. For call filters.</summary>
    public abstract object? BoxedValue { get; }

    /// <summary>Writes the value.</summary>
    public abstract void Write(MessageWriter writer);

    /// <summary>A result that is isolated from this one, for an answer inside a silo.</summary>
    public abstract InvocationResult CopyForLocalCall();

    private sealed class VoidResult : InvocationResult
    {
        public override object? BoxedValue => null;

        public override void Write(MessageWriter writer)
        {
        }

        public override InvocationResult CopyForLocalCall() => this;
    }
}

/// <summary>A result with a value.</summary>
/// <param name="value">The value.</param>
/// <param name="codec">How to write and copy it.</param>
/// <typeparam name="T">The value's type.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class InvocationResult<T>(T value, IValueCodec<T> codec) : InvocationResult
{
    /// <summary>The value.</summary>
    public T Value { get; } = value;

    /// <inheritdoc/>
    public override object? BoxedValue => Value;

    /// <inheritdoc/>
    public override void Write(MessageWriter writer) => codec.Write(writer, Value);

    /// <inheritdoc/>
    public override InvocationResult CopyForLocalCall() => new InvocationResult<T>(codec.Copy(Value), codec);
}

/// <summary>What the engine must know of a grain method.</summary>
/// <param name="InterfaceType">The grain interface.</param>
/// <param name="InterfaceName">Its [Alias], else its full name.</param>
/// <param name="MethodName">The method's [Alias], else its name with the parameter count.</param>
/// <param name="IsOneWay">[OneWay].</param>
/// <param name="IsReadOnly">[ReadOnly].</param>
/// <param name="IsAlwaysInterleave">[AlwaysInterleave].</param>
/// <param name="TakesCancellationToken">Whether the method has a CancellationToken.</param>
/// <param name="CreateInvocation">A new, empty invocation to read arguments into.</param>
/// <param name="InterfaceMethod">Finds the reflected method; called for filters only.</param>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed record GrainMethodDescriptor(
    Type InterfaceType,
    string InterfaceName,
    string MethodName,
    bool IsOneWay,
    bool IsReadOnly,
    bool IsAlwaysInterleave,
    bool TakesCancellationToken,
    Func<GrainMethodInvocation> CreateInvocation,
    Func<MethodInfo> InterfaceMethod);
