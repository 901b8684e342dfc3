namespace OrleansStream.Protocol.CodeGeneration;

/// <summary>The wire's primitive types, their C# types and their reader and writer methods.</summary>
internal static class Primitives
{
    private static readonly Dictionary<string, (string CSharp, string Method)> Table = new Dictionary<string, (string, string)>
    {
        ["bool"] = ("bool", "Boolean"),
        ["int8"] = ("sbyte", "Int8"),
        ["int16"] = ("short", "Int16"),
        ["uint16"] = ("ushort", "UInt16"),
        ["int32"] = ("int", "Int32"),
        ["uint32"] = ("uint", "UInt32"),
        ["int64"] = ("long", "Int64"),
        ["float64"] = ("double", "Double"),
        ["error"] = ("ErrorCode", "ErrorCode"),
        ["uuid"] = ("Guid", "Uuid"),
        ["string"] = ("string", "String"),
        ["bytes"] = ("ReadOnlyMemory<byte>", "Bytes"),
        ["records"] = ("ReadOnlyMemory<byte>", "Bytes"),
    };

    public static bool IsPrimitive(string type) => Table.ContainsKey(type);

    /// <summary>Whether the type is encoded with a length, and so in two ways (KIP-482).</summary>
    public static bool HasLength(string type) => type is "string" or "bytes" or "records";

    public static string CSharp(string type) => Table[type].CSharp;

    public static string Method(string type) => Table[type].Method;
}
