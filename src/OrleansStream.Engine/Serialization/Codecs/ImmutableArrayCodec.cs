using System.Collections.Immutable;
using System.ComponentModel;
using System.Runtime.InteropServices;

namespace OrleansStream.Engine.CodeGeneration;

/// <summary>An immutable array; the default one travels as null.</summary>
/// <typeparam name="T">The elements' type.</typeparam>
/// <typeparam name="TCodec">The elements' codec.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct ImmutableArrayCodec<T, TCodec> : IValueCodec<ImmutableArray<T>>
    where TCodec : struct, IValueCodec<T>
{
    /// <inheritdoc/>
    public WireType WireType => WireType.Sequence;

    /// <inheritdoc/>
    public bool IsImmutable => default(TCodec).IsImmutable;

    /// <inheritdoc/>
    public void Write(MessageWriter writer, ImmutableArray<T> value)
    {
        if (value.IsDefault)
        {
            writer.WriteNullSequence();
        }
        else
        {
            Sequences.Write<T, TCodec>(writer, value.AsSpan());
        }
    }

    /// <inheritdoc/>
    public ImmutableArray<T> Read(ref MessageReader reader) => ImmutableCollectionsMarshal.AsImmutableArray(Sequences.Read<T, TCodec>(ref reader));

    /// <inheritdoc/>
    public ImmutableArray<T> Copy(ImmutableArray<T> value)
        => value.IsDefault || default(TCodec).IsImmutable
            ? value
            : ImmutableCollectionsMarshal.AsImmutableArray(Sequences.Copy<T, TCodec>(value.AsSpan()));
}
