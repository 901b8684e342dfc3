using System.ComponentModel;

namespace OrleansStream.Engine.CodeGeneration;

/// <summary>A read-only list. It is read, and copied, as an array.</summary>
/// <typeparam name="T">The elements' type.</typeparam>
/// <typeparam name="TCodec">The elements' codec.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct ReadOnlyListCodec<T, TCodec> : IValueCodec<IReadOnlyList<T>?>
    where TCodec : struct, IValueCodec<T>
{
    /// <inheritdoc/>
    public WireType WireType => WireType.Sequence;

    /// <inheritdoc/>
    public bool IsImmutable => false;

    /// <inheritdoc/>
    public void Write(MessageWriter writer, IReadOnlyList<T>? value)
    {
        switch (value)
        {
            case null:
                writer.WriteNullSequence();
                break;
            case T[] array:
                Sequences.Write<T, TCodec>(writer, array);
                break;
            default:
                Sequences.WriteEnumerable<T, TCodec>(writer, value.Count, value);
                break;
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<T>? Read(ref MessageReader reader) => Sequences.Read<T, TCodec>(ref reader);

    /// <inheritdoc/>
    public IReadOnlyList<T>? Copy(IReadOnlyList<T>? value) => value is null ? null : Sequences.Copy<T, TCodec>(value as T[] ?? [.. value]);
}
