using System.ComponentModel;

namespace OrleansStream.Engine.CodeGeneration;

/// <summary>A set. Its comparer is copied, but does not travel: what was read has the default one.</summary>
/// <typeparam name="T">The elements' type.</typeparam>
/// <typeparam name="TCodec">The elements' codec.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct HashSetCodec<T, TCodec> : IValueCodec<HashSet<T>?>
    where TCodec : struct, IValueCodec<T>
{
    /// <inheritdoc/>
    public WireType WireType => WireType.Sequence;

    /// <inheritdoc/>
    public bool IsImmutable => false;

    /// <inheritdoc/>
    public void Write(MessageWriter writer, HashSet<T>? value)
    {
        if (value is null)
        {
            writer.WriteNullSequence();
        }
        else
        {
            Sequences.WriteEnumerable<T, TCodec>(writer, value.Count, value);
        }
    }

    /// <inheritdoc/>
    public HashSet<T>? Read(ref MessageReader reader)
    {
        var count = reader.BeginSequence(default(TCodec).WireType);
        if (count < 0)
        {
            return null;
        }

        var set = new HashSet<T>(Sequences.FirstCapacity<KeyValuePair<long, T>>(count));
        for (var i = 0; i < count; i++)
        {
            set.Add(default(TCodec).Read(ref reader));
        }

        reader.EndSequence();
        return set;
    }

    /// <inheritdoc/>
    public HashSet<T>? Copy(HashSet<T>? value)
    {
        if (value is null || default(TCodec).IsImmutable)
        {
            return value is null ? null : new HashSet<T>(value, value.Comparer);
        }

        var copy = new HashSet<T>(value.Count, value.Comparer);
        foreach (var element in value)
        {
            copy.Add(default(TCodec).Copy(element));
        }

        return copy;
    }
}
