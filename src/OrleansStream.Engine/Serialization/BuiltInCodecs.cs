using System.Collections.Frozen;
using System.Collections.Immutable;

namespace OrleansStream.Engine.CodeGeneration;

/// <summary>
/// The engine's own codecs by the type that they are for. The generator has the same table in terms of names
/// (<c>BuiltInCodecNames</c>); a test compares the two.
/// </summary>
internal static class BuiltInCodecs
{
    private static readonly FrozenDictionary<Type, Type> Simple = new Dictionary<Type, Type>
    {
        [typeof(bool)] = typeof(BooleanCodec),
        [typeof(byte)] = typeof(ByteCodec),
        [typeof(short)] = typeof(Int16Codec),
        [typeof(int)] = typeof(Int32Codec),
        [typeof(uint)] = typeof(UInt32Codec),
        [typeof(long)] = typeof(Int64Codec),
        [typeof(ulong)] = typeof(UInt64Codec),
        [typeof(float)] = typeof(SingleCodec),
        [typeof(double)] = typeof(DoubleCodec),
        [typeof(string)] = typeof(StringCodec),
        [typeof(Guid)] = typeof(GuidCodec),
        [typeof(TimeSpan)] = typeof(TimeSpanCodec),
        [typeof(DateTimeOffset)] = typeof(DateTimeOffsetCodec),
        [typeof(byte[])] = typeof(ByteArrayCodec),
        [typeof(ReadOnlyMemory<byte>)] = typeof(ReadOnlyMemoryCodec),
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<Type, Type> Generic = new Dictionary<Type, Type>
    {
        [typeof(Dictionary<,>)] = typeof(DictionaryCodec<,,,>),
        [typeof(ImmutableArray<>)] = typeof(ImmutableArrayCodec<,>),
        [typeof(IReadOnlyDictionary<,>)] = typeof(ReadOnlyDictionaryCodec<,,,>),
        [typeof(IReadOnlyList<>)] = typeof(ReadOnlyListCodec<,>),
        [typeof(KeyValuePair<,>)] = typeof(KeyValuePairCodec<,,,>),
        [typeof(List<>)] = typeof(ListCodec<,>),
        [typeof(Nullable<>)] = typeof(NullableCodec<,>),
    }.ToFrozenDictionary();

    public static IEnumerable<Type> SimpleTypes => Simple.Keys;

    public static IEnumerable<Type> GenericTypes => Generic.Keys;

    public static Type? Find(Type type) => Simple.GetValueOrDefault(type);

    public static Type? FindGeneric(Type definition) => Generic.GetValueOrDefault(definition);
}
