using Microsoft.CodeAnalysis;

namespace OrleansStream.Engine.CodeGeneration;

/// <summary>The engine's own codecs by the name of the type that they are for; the engine has the same table in terms of types.</summary>
internal static class BuiltInCodecNames
{
    /// <summary>The codecs' namespace with the dot after it.</summary>
    public const string Engine = "global::OrleansStream.Engine.CodeGeneration.";

    private static readonly Dictionary<string, string> Simple = new(StringComparer.Ordinal)
    {
        ["System.Boolean"] = "BooleanCodec",
        ["System.Byte"] = "ByteCodec",
        ["System.Int16"] = "Int16Codec",
        ["System.Int32"] = "Int32Codec",
        ["System.UInt32"] = "UInt32Codec",
        ["System.Int64"] = "Int64Codec",
        ["System.UInt64"] = "UInt64Codec",
        ["System.Single"] = "SingleCodec",
        ["System.Double"] = "DoubleCodec",
        ["System.String"] = "StringCodec",
        ["System.Guid"] = "GuidCodec",
        ["System.TimeSpan"] = "TimeSpanCodec",
        ["System.DateTimeOffset"] = "DateTimeOffsetCodec",
    };

    private static readonly Dictionary<string, string> Generic = new(StringComparer.Ordinal)
    {
        ["System.Nullable`1"] = "NullableCodec",
        ["System.Collections.Generic.Dictionary`2"] = "DictionaryCodec",
        ["System.Collections.Generic.IReadOnlyDictionary`2"] = "ReadOnlyDictionaryCodec",
        ["System.Collections.Generic.IReadOnlyList`1"] = "ReadOnlyListCodec",
        ["System.Collections.Generic.KeyValuePair`2"] = "KeyValuePairCodec",
        ["System.Collections.Generic.List`1"] = "ListCodec",
        ["System.Collections.Immutable.ImmutableArray`1"] = "ImmutableArrayCodec",
    };

    public static string? Find(INamedTypeSymbol type)
    {
        if (type.IsGenericType)
        {
            return type.Is("System", "ReadOnlyMemory`1") && type.TypeArguments[0].SpecialType == SpecialType.System_Byte ? "ReadOnlyMemoryCodec" : null;
        }

        return type.ContainingType is null && Simple.TryGetValue(Key(type), out var codec) ? codec : null;
    }

    public static string? FindGeneric(INamedTypeSymbol type)
        => type.IsGenericType && type.ContainingType is null && Generic.TryGetValue(Key(type), out var codec) ? codec : null;

    private static string Key(INamedTypeSymbol type)
        => type.ContainingNamespace.IsGlobalNamespace ? type.MetadataName : type.ContainingNamespace.ToDisplayString() + "." + type.MetadataName;
}
