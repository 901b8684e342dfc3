using System.ComponentModel;
using System.Runtime.InteropServices;

namespace OrleansStream.Engine.CodeGeneration;

/// <summary>A list.</summary>
/// <typeparam name="T">The elements' type.</typeparam>
/// <typeparam name="TCodec">The elements' codec.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct ListCodec<T, TCodec> : IValueCodec<List<T>?>
    where TCodec : struct, IValueCodec<T>
{
    /// <inheritdoc/>
    public WireType WireType => WireType.Sequence;

    /// <inheritdoc/>
    public bool IsImmutable => false;

    /// <inheritdoc/>
    public void Write(MessageWriter writer, List<T>? value)
    {
        if (value is null)
        {
            writer.WriteNullSequence();
        }
        else
        {
            Sequences.Write<T, TCodec>(writer, CollectionsMarshal.AsSpan(value));
        }
    }

    /// <inheritdoc/>
    public List<T>? Read(ref MessageReader reader)
    {
        var count = reader.BeginSequence(default(TCodec).WireType);
        if (count < 0)
        {
            return null;
        }

        var list = new List<T>(Sequences.FirstCapacity<T>(count));
        for (var i = 0; i < count; i++)
        {
            list.Add(default(TCodec).Read(ref reader));
        }

        reader.EndSequence();
        return list;
    }

    /// <inheritdoc/>
    public List<T>? Copy(List<T>? value)
        => value is null ? null : Sequences.ToList(Sequences.Copy<T, TCodec>(CollectionsMarshal.AsSpan(value)));
}
