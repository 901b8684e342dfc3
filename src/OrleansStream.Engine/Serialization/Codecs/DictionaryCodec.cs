using System.ComponentModel;

namespace OrleansStream.Engine.CodeGeneration;

/// <summary>What the dictionaries' codecs have in common: a dictionary is a sequence of key-value pairs.</summary>
internal static class Dictionaries
{
    public static void Write<TKey, TValue, TKeyCodec, TValueCodec>(
        MessageWriter writer, int count, IEnumerable<KeyValuePair<TKey, TValue>> pairs)
        where TKeyCodec : struct, IValueCodec<TKey>
        where TValueCodec : struct, IValueCodec<TValue>
        => Sequences.WriteEnumerable<KeyValuePair<TKey, TValue>, KeyValuePairCodec<TKey, TValue, TKeyCodec, TValueCodec>>(writer, count, pairs);

    public static Dictionary<TKey, TValue>? Read<TKey, TValue, TKeyCodec, TValueCodec>(ref MessageReader reader)
        where TKey : notnull
        where TKeyCodec : struct, IValueCodec<TKey>
        where TValueCodec : struct, IValueCodec<TValue>
    {
        var count = reader.BeginSequence(WireType.Object);
        if (count < 0)
        {
            return null;
        }

        var dictionary = new Dictionary<TKey, TValue>(Sequences.FirstCapacity<KeyValuePair<TKey, TValue>>(count));
        for (var i = 0; i < count; i++)
        {
            var (key, value) = default(KeyValuePairCodec<TKey, TValue, TKeyCodec, TValueCodec>).Read(ref reader);
            if (key is null || !dictionary.TryAdd(key, value))
            {
                throw reader.Malformed(key is null ? "a dictionary's key is null" : "a dictionary has a key twice");
            }
        }

        reader.EndSequence();
        return dictionary;
    }

    public static Dictionary<TKey, TValue> Copy<TKey, TValue, TKeyCodec, TValueCodec>(
        int count, IEnumerable<KeyValuePair<TKey, TValue>> pairs, IEqualityComparer<TKey>? comparer)
        where TKey : notnull
        where TKeyCodec : struct, IValueCodec<TKey>
        where TValueCodec : struct, IValueCodec<TValue>
    {
        var copy = new Dictionary<TKey, TValue>(count, comparer);
        foreach (var (key, value) in pairs)
        {
            copy.Add(default(TKeyCodec).Copy(key), default(TValueCodec).Copy(value));
        }

        return copy;
    }
}

/// <summary>A dictionary. Its comparer is copied, but does not travel: what was read has the default one.</summary>
/// <typeparam name="TKey">The keys' type.</typeparam>
/// <typeparam name="TValue">The values' type.</typeparam>
/// <typeparam name="TKeyCodec">The keys' codec.</typeparam>
/// <typeparam name="TValueCodec">The values' codec.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct DictionaryCodec<TKey, TValue, TKeyCodec, TValueCodec> : IValueCodec<Dictionary<TKey, TValue>?>
    where TKey : notnull
    where TKeyCodec : struct, IValueCodec<TKey>
    where TValueCodec : struct, IValueCodec<TValue>
{
    /// <inheritdoc/>
    public WireType WireType => WireType.Sequence;

    /// <inheritdoc/>
    public bool IsImmutable => false;

    /// <inheritdoc/>
    public void Write(MessageWriter writer, Dictionary<TKey, TValue>? value)
    {
        if (value is null)
        {
            writer.WriteNullSequence();
        }
        else
        {
            Dictionaries.Write<TKey, TValue, TKeyCodec, TValueCodec>(writer, value.Count, value);
        }
    }

    /// <inheritdoc/>
    public Dictionary<TKey, TValue>? Read(ref MessageReader reader) => Dictionaries.Read<TKey, TValue, TKeyCodec, TValueCodec>(ref reader);

    /// <inheritdoc/>
    public Dictionary<TKey, TValue>? Copy(Dictionary<TKey, TValue>? value)
        => value is null ? null : Dictionaries.Copy<TKey, TValue, TKeyCodec, TValueCodec>(value.Count, value, value.Comparer);
}

/// <summary>A read-only dictionary. It is read, and copied, as a <see cref="Dictionary{TKey,TValue}"/>.</summary>
/// <typeparam name="TKey">The keys' type.</typeparam>
/// <typeparam name="TValue">The values' type.</typeparam>
/// <typeparam name="TKeyCodec">The keys' codec.</typeparam>
/// <typeparam name="TValueCodec">The values' codec.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct ReadOnlyDictionaryCodec<TKey, TValue, TKeyCodec, TValueCodec> : IValueCodec<IReadOnlyDictionary<TKey, TValue>?>
    where TKey : notnull
    where TKeyCodec : struct, IValueCodec<TKey>
    where TValueCodec : struct, IValueCodec<TValue>
{
    /// <inheritdoc/>
    public WireType WireType => WireType.Sequence;

    /// <inheritdoc/>
    public bool IsImmutable => false;

    /// <inheritdoc/>
    public void Write(MessageWriter writer, IReadOnlyDictionary<TKey, TValue>? value)
    {
        if (value is null)
        {
            writer.WriteNullSequence();
        }
        else
        {
            Dictionaries.Write<TKey, TValue, TKeyCodec, TValueCodec>(writer, value.Count, value);
        }
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<TKey, TValue>? Read(ref MessageReader reader) => Dictionaries.Read<TKey, TValue, TKeyCodec, TValueCodec>(ref reader);

    /// <inheritdoc/>
    public IReadOnlyDictionary<TKey, TValue>? Copy(IReadOnlyDictionary<TKey, TValue>? value)
        => value is null ? null : Dictionaries.Copy<TKey, TValue, TKeyCodec, TValueCodec>(value.Count, value, (value as Dictionary<TKey, TValue>)?.Comparer);
}
