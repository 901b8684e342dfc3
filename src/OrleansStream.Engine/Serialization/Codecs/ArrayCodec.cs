using System.ComponentModel;

namespace OrleansStream.Engine.CodeGeneration;

/// <summary>An array; a jagged one is an array of arrays.</summary>
/// <typeparam name="T">The elements' type.</typeparam>
/// <typeparam name="TCodec">The elements' codec.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct ArrayCodec<T, TCodec> : IValueCodec<T[]?>
    where TCodec : struct, IValueCodec<T>
{
    /// <inheritdoc/>
    public WireType WireType => WireType.Sequence;

    /// <inheritdoc/>
    public bool IsImmutable => false;

    /// <inheritdoc/>
    public void Write(MessageWriter writer, T[]? value)
    {
        if (value is null)
        {
            writer.WriteNullSequence();
        }
        else
        {
            Sequences.Write<T, TCodec>(writer, value);
        }
    }

    /// <inheritdoc/>
    public T[]? Read(ref MessageReader reader) => Sequences.Read<T, TCodec>(ref reader);

    /// <inheritdoc/>
    public T[]? Copy(T[]? value) => value is null ? null : Sequences.Copy<T, TCodec>(value);
}
