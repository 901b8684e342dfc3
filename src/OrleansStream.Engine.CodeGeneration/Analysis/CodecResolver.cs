using Microsoft.CodeAnalysis;

namespace OrleansStream.Engine.CodeGeneration;

/// <summary>Finds the codec of a type and writes it as a C# type.</summary>
/// <param name="assembly">The assembly that is compiled: its generated codecs can be named, those of others are looked up at run time.</param>
internal sealed class CodecResolver(IAssemblySymbol assembly)
{
    private readonly string _namespace = Symbols.GeneratedNamespace(assembly);

    /// <summary>The codec; null if there is none, and then <paramref name="unserializable"/> is the type to blame.</summary>
    public string? Find(ITypeSymbol type, out ITypeSymbol unserializable)
    {
        unserializable = type;
        switch (type)
        {
            case ITypeParameterSymbol parameter:
                return parameter.Name + "Codec";
            case IArrayTypeSymbol { IsSZArray: true } array:
                return array.ElementType.SpecialType == SpecialType.System_Byte
                    ? BuiltInCodecNames.Engine + "ByteArrayCodec"
                    : Compose("ArrayCodec", [array.ElementType], ref unserializable);
            case INamedTypeSymbol { TypeKind: TypeKind.Enum, EnumUnderlyingType: { } underlying }:
                return $"{BuiltInCodecNames.Engine}EnumCodec<{type.FullName()}, {underlying.FullName()}, {Find(underlying, out _)}>";
            case INamedTypeSymbol named:
                return FindNamed(named, ref unserializable);
            default:
                return null;
        }
    }

    private string? FindNamed(INamedTypeSymbol type, ref ITypeSymbol unserializable)
    {
        if (BuiltInCodecNames.Find(type) is { } simple)
        {
            return BuiltInCodecNames.Engine + simple;
        }

        if (BuiltInCodecNames.FindGeneric(type) is { } generic)
        {
            return Compose(generic, type.TypeArguments, ref unserializable);
        }

        if (type.TypeKind is TypeKind.Class or TypeKind.Struct && type.HasOrleansAttribute("GenerateSerializerAttribute"))
        {
            if (!SymbolEqualityComparer.Default.Equals(type.ContainingAssembly, assembly))
            {
                return AllHaveCodecs(type, ref unserializable) ? Registered(type) : null;
            }

            var name = $"global::{_namespace}.{type.OriginalDefinition.GeneratedName()}Codec";
            var arguments = type.AllTypeArguments();
            return arguments.Count == 0 ? name : Compose(name, arguments, ref unserializable, qualified: true);
        }

        return GrainInterfaceReader.IsGrainInterface(type) && type.TypeKind == TypeKind.Interface
            ? $"{BuiltInCodecNames.Engine}GrainReferenceCodec<{type.FullName()}>"
            : null;
    }

    private bool AllHaveCodecs(INamedTypeSymbol type, ref ITypeSymbol unserializable)
    {
        foreach (var argument in type.AllTypeArguments())
        {
            if (Find(argument, out unserializable) is null)
            {
                return false;
            }
        }

        return true;
    }

    private string? Compose(string codec, IReadOnlyList<ITypeSymbol> arguments, ref ITypeSymbol unserializable, bool qualified = false)
    {
        var codecs = new List<string>();
        foreach (var argument in arguments)
        {
            if (Find(argument, out unserializable) is not { } found)
            {
                return null;
            }

            codecs.Add(found);
        }

        return $"{(qualified ? "" : BuiltInCodecNames.Engine)}{codec}<{string.Join(", ", arguments.Select(Symbols.FullName).Concat(codecs))}>";
    }

    private static string Registered(ITypeSymbol type) => $"{BuiltInCodecNames.Engine}RegisteredCodec<{type.FullName()}>";
}
