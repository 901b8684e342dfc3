namespace OrleansStream.Client;

/// <summary>The serializers that come with the client. All of them are safe for concurrent use.</summary>
public static class Serializers
{
    /// <summary>
    /// The default for a type: <c>byte[]</c>, <c>ReadOnlyMemory&lt;byte&gt;</c> and its nullable, <c>Memory&lt;byte&gt;</c>
    /// as they are; <c>string</c> in UTF-8; <c>int</c> and <c>long</c> big-endian; <c>Guid</c> as text;
    /// <see cref="Null"/> and <see cref="Ignore"/> as nothing; everything else as JSON.
    /// </summary>
    public static ISerializer<T> For<T>() => (Find(typeof(T)) as ISerializer<T>) ?? new JsonRecordSerializer<T>();

    /// <summary>The default for a type that is read; as <see cref="For{T}"/>.</summary>
    public static IDeserializer<T> ForReading<T>() => (Find(typeof(T)) as IDeserializer<T>) ?? new JsonRecordSerializer<T>();

    private static object? Find(Type type)
    {
        if (type == typeof(byte[]))
        {
            return ByteArraySerializer.Instance;
        }

        if (type == typeof(ReadOnlyMemory<byte>) || type == typeof(ReadOnlyMemory<byte>?) || type == typeof(Memory<byte>))
        {
            return MemorySerializer.Instance;
        }

        if (type == typeof(string))
        {
            return Utf8Serializer.Instance;
        }

        if (type == typeof(int) || type == typeof(long))
        {
            return IntegerSerializer.Instance;
        }

        if (type == typeof(Guid))
        {
            return GuidSerializer.Instance;
        }

        return type == typeof(Null) || type == typeof(Ignore) ? NothingSerializer.Instance : null;
    }
}
