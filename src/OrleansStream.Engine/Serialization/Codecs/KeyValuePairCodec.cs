using System.ComponentModel;

namespace OrleansStream.Engine.CodeGeneration;

/// <summary>A key with its value: an object with the key as field 0 and the value as field 1.</summary>
/// <typeparam name="TKey">The type of item 1.</typeparam>
/// <typeparam name="TValue">The type of item 2.</typeparam>
/// <typeparam name="TKeyCodec">The codec of item 1.</typeparam>
/// <typeparam name="TValueCodec">The codec of item 2.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct KeyValuePairCodec<TKey, TValue, TKeyCodec, TValueCodec> : IValueCodec<KeyValuePair<TKey, TValue>>
    where TKeyCodec : struct, IValueCodec<TKey>
    where TValueCodec : struct, IValueCodec<TValue>
{
    /// <inheritdoc/>
    public WireType WireType => WireType.Object;

    /// <inheritdoc/>
    public bool IsImmutable => default(TKeyCodec).IsImmutable && default(TValueCodec).IsImmutable;

    /// <inheritdoc/>
    public void Write(MessageWriter writer, KeyValuePair<TKey, TValue> value)
    {
        writer.BeginObject();
        writer.WriteField<TKey, TKeyCodec>(0, value.Key);
        writer.WriteField<TValue, TValueCodec>(1, value.Value);
        writer.EndObject();
    }

    /// <inheritdoc/>
    public KeyValuePair<TKey, TValue> Read(ref MessageReader reader)
    {
        TKey item1 = default!;
        TValue item2 = default!;
        if (!reader.BeginObject())
        {
            return default;
        }

        while (reader.ReadField(out var id, out var type))
        {
            switch (id)
            {
                case 0:
                    item1 = reader.ReadValue<TKey, TKeyCodec>(type, id);
                    break;
                case 1:
                    item2 = reader.ReadValue<TValue, TValueCodec>(type, id);
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }

        reader.EndObject();
        return new(item1, item2);
    }

    /// <inheritdoc/>
    public KeyValuePair<TKey, TValue> Copy(KeyValuePair<TKey, TValue> value) => new(default(TKeyCodec).Copy(value.Key), default(TValueCodec).Copy(value.Value));
}
