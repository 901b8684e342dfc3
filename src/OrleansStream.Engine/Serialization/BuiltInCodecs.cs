using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Net;

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
        [typeof(sbyte)] = typeof(SByteCodec),
        [typeof(short)] = typeof(Int16Codec),
        [typeof(ushort)] = typeof(UInt16Codec),
        [typeof(char)] = typeof(CharCodec),
        [typeof(int)] = typeof(Int32Codec),
        [typeof(uint)] = typeof(UInt32Codec),
        [typeof(long)] = typeof(Int64Codec),
        [typeof(ulong)] = typeof(UInt64Codec),
        [typeof(float)] = typeof(SingleCodec),
        [typeof(double)] = typeof(DoubleCodec),
        [typeof(decimal)] = typeof(DecimalCodec),
        [typeof(string)] = typeof(StringCodec),
        [typeof(Guid)] = typeof(GuidCodec),
        [typeof(TimeSpan)] = typeof(TimeSpanCodec),
        [typeof(DateTime)] = typeof(DateTimeCodec),
        [typeof(DateTimeOffset)] = typeof(DateTimeOffsetCodec),
        [typeof(DateOnly)] = typeof(DateOnlyCodec),
        [typeof(TimeOnly)] = typeof(TimeOnlyCodec),
        [typeof(Uri)] = typeof(UriCodec),
        [typeof(Version)] = typeof(VersionCodec),
        [typeof(IPAddress)] = typeof(IPAddressCodec),
        [typeof(IPEndPoint)] = typeof(IPEndPointCodec),
        [typeof(byte[])] = typeof(ByteArrayCodec),
        [typeof(ReadOnlyMemory<byte>)] = typeof(ReadOnlyMemoryCodec),
        [typeof(Memory<byte>)] = typeof(MemoryCodec),
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<Type, Type> Generic = new Dictionary<Type, Type>
    {
        [typeof(Dictionary<,>)] = typeof(DictionaryCodec<,,,>),
        [typeof(HashSet<>)] = typeof(HashSetCodec<,>),
        [typeof(ImmutableArray<>)] = typeof(ImmutableArrayCodec<,>),
        [typeof(IReadOnlyCollection<>)] = typeof(ReadOnlyCollectionCodec<,>),
        [typeof(IReadOnlyDictionary<,>)] = typeof(ReadOnlyDictionaryCodec<,,,>),
        [typeof(IReadOnlyList<>)] = typeof(ReadOnlyListCodec<,>),
        [typeof(KeyValuePair<,>)] = typeof(KeyValuePairCodec<,,,>),
        [typeof(List<>)] = typeof(ListCodec<,>),
        [typeof(Nullable<>)] = typeof(NullableCodec<,>),
        [typeof(ValueTuple<,>)] = typeof(ValueTupleCodec<,,,>),
        [typeof(ValueTuple<,,>)] = typeof(ValueTupleCodec<,,,,,>),
        [typeof(ValueTuple<,,,>)] = typeof(ValueTupleCodec<,,,,,,,>),
        [typeof(ValueTuple<,,,,>)] = typeof(ValueTupleCodec<,,,,,,,,,>),
        [typeof(ValueTuple<,,,,,>)] = typeof(ValueTupleCodec<,,,,,,,,,,,>),
        [typeof(ValueTuple<,,,,,,>)] = typeof(ValueTupleCodec<,,,,,,,,,,,,,>),
    }.ToFrozenDictionary();

    public static IEnumerable<Type> SimpleTypes => Simple.Keys;

    public static IEnumerable<Type> GenericTypes => Generic.Keys;

    public static Type? Find(Type type) => Simple.GetValueOrDefault(type);

    public static Type? FindGeneric(Type definition) => Generic.GetValueOrDefault(definition);
}
