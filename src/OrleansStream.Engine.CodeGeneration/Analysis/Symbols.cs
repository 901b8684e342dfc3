using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace OrleansStream.Engine.CodeGeneration;

/// <summary>Questions to symbols, answered in C# text.</summary>
internal static class Symbols
{
    /// <summary>The namespace of everything that is generated for an assembly.</summary>
    public static string GeneratedNamespace(IAssemblySymbol assembly) => "GeneratedOrleans." + Identifier(assembly.Name);

    /// <summary>The fully qualified type, as it stands in code without nullable annotations.</summary>
    public static string FullName(this ITypeSymbol type)
        => type.WithNullableAnnotation(NullableAnnotation.None).ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat);

    /// <summary>The type as it stands in typeof: open if it is generic.</summary>
    public static string OpenName(this INamedTypeSymbol type)
        => type.IsGenericType || type.ContainingType is { IsGenericType: true }
            ? OpenGenericName(type)
            : type.FullName();

    /// <summary>The type as it stands in a message to a human.</summary>
    public static string ShownName(this ITypeSymbol type) => type.ToDisplayString(SymbolDisplayFormat.CSharpErrorMessageFormat);

    /// <summary>[Alias], else the full name with its namespace.</summary>
    public static string WireName(this INamedTypeSymbol type)
        => type.AttributeArgument("AliasAttribute") as string ?? MetadataName(type, '+', "`");

    /// <summary>A name for generated types that no other type's name can be mapped to.</summary>
    public static string GeneratedName(this INamedTypeSymbol type) => Identifier(MetadataName(type, '.', "Of"));

    /// <summary>A member's name as it stands in code.</summary>
    public static string CodeName(this ISymbol symbol)
        => SyntaxFacts.GetKeywordKind(symbol.Name) == SyntaxKind.None ? symbol.Name : "@" + symbol.Name;

    /// <summary>Whether a symbol has an attribute of the Orleans namespaces.</summary>
    public static bool HasOrleansAttribute(this ISymbol symbol, string name) => symbol.GetAttributes().Any(a => IsOrleans(a, name));

    /// <summary>The first argument of an attribute of the Orleans namespaces; null without the attribute.</summary>
    public static object? AttributeArgument(this ISymbol symbol, string name)
        => symbol.GetAttributes().FirstOrDefault(a => IsOrleans(a, name)) is { ConstructorArguments.Length: > 0 } attribute
            ? attribute.ConstructorArguments[0].Value
            : null;

    /// <summary>Whether the type is of a namespace and has a name, whatever its type arguments.</summary>
    public static bool Is(this ITypeSymbol type, string ns, string metadataName)
        => type.OriginalDefinition is INamedTypeSymbol named
            && named.MetadataName == metadataName
            && named.ContainingType is null
            && named.ContainingNamespace.ToDisplayString() == ns;

    /// <summary>The type's own type parameters after those of the types around it.</summary>
    public static IReadOnlyList<ITypeParameterSymbol> AllTypeParameters(this INamedTypeSymbol type)
        => [.. Chain(type).SelectMany(t => t.TypeParameters)];

    /// <summary>The type's own type arguments after those of the types around it.</summary>
    public static IReadOnlyList<ITypeSymbol> AllTypeArguments(this INamedTypeSymbol type)
        => [.. Chain(type).SelectMany(t => t.TypeArguments)];

    /// <summary>The constraint clause of a type parameter; null if it has none.</summary>
    public static string? ConstraintClause(this ITypeParameterSymbol parameter)
    {
        var constraints = new List<string>();
        if (parameter.HasUnmanagedTypeConstraint)
        {
            constraints.Add("unmanaged");
        }
        else if (parameter.HasValueTypeConstraint)
        {
            constraints.Add("struct");
        }
        else if (parameter.HasReferenceTypeConstraint)
        {
            constraints.Add("class");
        }
        else if (parameter.HasNotNullConstraint)
        {
            constraints.Add("notnull");
        }

        constraints.AddRange(parameter.ConstraintTypes.Select(FullName));
        if (parameter.HasConstructorConstraint && !parameter.HasValueTypeConstraint)
        {
            constraints.Add("new()");
        }

        return constraints.Count == 0 ? null : $"where {parameter.Name} : {string.Join(", ", constraints)}";
    }

    /// <summary>A parameter's declared default value as an expression; null without one or when it is the type's own default.</summary>
    public static string? DeclaredDefault(this IParameterSymbol parameter)
    {
        if (!parameter.HasExplicitDefaultValue || parameter.ExplicitDefaultValue is not { } value || IsZero(value))
        {
            return null;
        }

        var literal = value switch
        {
            float f => f.ToString("R", System.Globalization.CultureInfo.InvariantCulture) + "F",
            double d => d.ToString("R", System.Globalization.CultureInfo.InvariantCulture) + "D",
            _ => SymbolDisplay.FormatPrimitive(value, quoteStrings: true, useHexadecimalNumbers: false),
        };
        return value is float.NaN or double.NaN or float.PositiveInfinity or float.NegativeInfinity or double.PositiveInfinity or double.NegativeInfinity
            ? null
            : $"({parameter.Type.FullName()})({literal}{(value is decimal ? "M" : "")})";
    }

    /// <summary>Which values of a type need not be written where a missing field reads as the type's default.</summary>
    public static Presence PresenceOf(ITypeSymbol type) => type switch
    {
        { TypeKind: TypeKind.Enum } => Presence.NotZero,
        { SpecialType: >= SpecialType.System_Boolean and <= SpecialType.System_UInt64 } => Presence.NotZero,
        { IsReferenceType: true } => Presence.NotNull,
        _ when type.Is("System", "ReadOnlyMemory`1") || type.Is("System", "Memory`1") => Presence.NotEmpty,
        _ => Presence.Always,
    };

    /// <summary>Whether generated code outside the type can name it.</summary>
    public static bool IsNameable(INamedTypeSymbol type)
    {
        for (var current = type; current is not null; current = current.ContainingType)
        {
            if (current.IsFileLocal || current.DeclaredAccessibility is Accessibility.Private or Accessibility.Protected or Accessibility.ProtectedAndInternal)
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsZero(object value) => value switch
    {
        bool b => !b,
        char c => c == '\0',
        string => false,
        double d => BitConverter.DoubleToInt64Bits(d) == 0,
        float f => f == 0,
        decimal m => m == 0,
        _ => Convert.ToDecimal(value, System.Globalization.CultureInfo.InvariantCulture) == 0,
    };

    private static bool IsOrleans(AttributeData attribute, string name)
        => attribute.AttributeClass is { } type
            && type.Name == name
            && type.ContainingNamespace.ToDisplayString() is "Orleans" or "Orleans.Concurrency";

    private static IEnumerable<INamedTypeSymbol> Chain(INamedTypeSymbol type)
        => type.ContainingType is null ? [type] : Chain(type.ContainingType).Append(type);

    private static string OpenGenericName(INamedTypeSymbol type)
    {
        var own = type.CodeName() + (type.Arity == 0 ? "" : "<" + new string(',', type.Arity - 1) + ">");
        return type.ContainingType is not null
            ? OpenGenericName(type.ContainingType) + "." + own
            : type.ContainingNamespace.IsGlobalNamespace
                ? "global::" + own
                : type.ContainingNamespace.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat) + "." + own;
    }

    private static string MetadataName(INamedTypeSymbol type, char nesting, string arityMark)
    {
        var name = type.Name + (type.Arity == 0 ? "" : arityMark + type.Arity);
        return type.ContainingType is not null
            ? MetadataName(type.ContainingType, nesting, arityMark) + nesting + name
            : type.ContainingNamespace.IsGlobalNamespace
                ? name
                : type.ContainingNamespace.ToDisplayString() + "." + name;
    }

    // Dots become underscores and underscores are doubled, so that different names stay different.
    private static string Identifier(string name)
    {
        var result = new StringBuilder(name.Length + 4);
        foreach (var c in name)
        {
            result.Append(c switch
            {
                '_' => "__",
                '.' => "_",
                _ when SyntaxFacts.IsIdentifierPartCharacter(c) => c.ToString(),
                _ => $"_x{(int)c:X}_",
            });
        }

        return SyntaxFacts.IsIdentifierStartCharacter(result[0]) ? result.ToString() : "_" + result;
    }
}
