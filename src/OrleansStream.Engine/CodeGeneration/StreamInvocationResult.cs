using System.ComponentModel;

namespace OrleansStream.Engine.CodeGeneration;

/// <summary>
/// The result of a method that returns <see cref="IAsyncEnumerable{T}"/>. The stream itself does not travel: the
/// runtime enumerates it on the callee's side, through <see cref="Accept{TOutcome}"/>, and sends its elements.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class StreamInvocationResult : InvocationResult
{
    /// <summary>Hands the stream, with its element type, to <paramref name="visitor"/>.</summary>
    public abstract TOutcome Accept<TOutcome>(IStreamInvocationVisitor<TOutcome> visitor);

    /// <inheritdoc/>
    public sealed override void Write(MessageWriter writer)
        => throw new InvalidOperationException("A stream is enumerated where its grain is; only its elements travel.");

    /// <inheritdoc/>
    public sealed override InvocationResult CopyForLocalCall() => this;
}

/// <summary>A stream of <typeparamref name="T"/>.</summary>
/// <param name="stream">The stream that the method returned.</param>
/// <param name="codec">How to write, read and copy an element.</param>
/// <typeparam name="T">The elements' type.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class StreamInvocationResult<T>(IAsyncEnumerable<T> stream, IValueCodec<T> codec) : StreamInvocationResult
{
    /// <inheritdoc/>
    public override object BoxedValue => stream;

    /// <inheritdoc/>
    public override TOutcome Accept<TOutcome>(IStreamInvocationVisitor<TOutcome> visitor)
    {
        ArgumentNullException.ThrowIfNull(visitor);
        return visitor.Visit(stream, codec);
    }
}

/// <summary>Receives a stream with its element type.</summary>
/// <typeparam name="TOutcome">What the visitor makes of it.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public interface IStreamInvocationVisitor<out TOutcome>
{
    /// <summary>Receives the stream and its elements' codec.</summary>
    TOutcome Visit<T>(IAsyncEnumerable<T> stream, IValueCodec<T> codec);
}
