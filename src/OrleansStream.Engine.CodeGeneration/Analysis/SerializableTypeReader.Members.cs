using Microsoft.CodeAnalysis;

namespace OrleansStream.Engine.CodeGeneration;

/// <content>Fields and properties.</content>
internal sealed partial class SerializableTypeReader
{
    private static bool IsCandidate(ISymbol symbol, out ITypeSymbol type)
    {
        switch (symbol)
        {
            case IFieldSymbol { IsStatic: false, IsImplicitlyDeclared: false } field:
                type = field.Type;
                return true;
            case IPropertySymbol { IsStatic: false, ExplicitInterfaceImplementations.IsEmpty: true } property when property.Name != "EqualityContract":
                type = property.Type;
                return true;
            default:
                type = null!;
                return false;
        }
    }

    // Whether a member without an [Id] holds state, so that its absence from the message is a mistake.
    private static bool IsStored(ISymbol symbol) => symbol switch
    {
        IFieldSymbol field => field.AssociatedSymbol is null && !IsNonSerialized(field),
        IPropertySymbol property => !property.IsAbstract && BackingField(property) is { } field && !IsNonSerialized(field),
        _ => false,
    };

    private static bool IsNonSerialized(IFieldSymbol field)
        => field.GetAttributes().Any(a => a.AttributeClass is { Name: "NonSerializedAttribute" });

    private static IFieldSymbol? BackingField(IPropertySymbol property)
        => property.ContainingType.GetMembers().OfType<IFieldSymbol>()
            .FirstOrDefault(f => SymbolEqualityComparer.Default.Equals(f.AssociatedSymbol, property));

    private SerializableMember? ReadMember(INamedTypeSymbol level, ISymbol symbol, ITypeSymbol type, uint id, IParameterSymbol? parameter)
    {
        if (Access(symbol, out var getter, out var setter) is { } problem)
        {
            Report(Descriptors.UnsupportedMember, symbol, symbol.Name, level.ShownName(), problem);
            return null;
        }

        if (_codecs.Find(type, out var unserializable) is not { } codec)
        {
            Report(Descriptors.NoSerializer, symbol, $"'{symbol.Name}'", level.ShownName(), unserializable.ShownName());
            return null;
        }

        if (symbol.HasOrleansAttribute("ImmutableAttribute"))
        {
            codec = $"{BuiltInCodecNames.Engine}SharedCodec<{type.FullName()}, {codec}>";
        }

        // What a parameterless constructor puts into a member stays there when the field is missing, so it always travels.
        var declaredDefault = parameter?.DeclaredDefault();
        var presence = parameter is null || declaredDefault is not null ? Presence.Always : Symbols.PresenceOf(type);
        var declared = symbol.OriginalDefinition is IPropertySymbol property ? property.Type : ((IFieldSymbol)symbol.OriginalDefinition).Type;
        return new SerializableMember(
            id,
            symbol.CodeName(),
            symbol.Name,
            type.FullName(),
            declared.FullName(),
            codec,
            getter,
            setter,
            parameter is not null,
            presence,
            declaredDefault ?? $"default({type.FullName()})");
    }

    // How generated code reads and sets the member; the result says why it cannot.
    private string? Access(ISymbol symbol, out MemberAccess getter, out MemberAccess setter)
    {
        getter = setter = MemberAccess.Direct;
        if (symbol is IFieldSymbol field)
        {
            var isAccessible = IsAccessible(field);
            getter = isAccessible ? MemberAccess.Direct : MemberAccess.FieldAccessor;
            setter = isAccessible && !field.IsReadOnly ? MemberAccess.Direct : MemberAccess.FieldAccessor;
            return field.RefKind != RefKind.None ? "it is a ref field" : null;
        }

        var property = (IPropertySymbol)symbol;
        if (property.IsIndexer || property.RefKind != RefKind.None)
        {
            return property.IsIndexer ? "it is an indexer" : "it returns by reference";
        }

        if (property.IsAbstract)
        {
            return "it is abstract";
        }

        if (property.GetMethod is null)
        {
            return "it cannot be read";
        }

        getter = IsAccessible(property.GetMethod) ? MemberAccess.Direct : MemberAccess.PropertyAccessor;
        if (property.SetMethod is { } set)
        {
            setter = IsAccessible(set) && !set.IsInitOnly ? MemberAccess.Direct : MemberAccess.PropertyAccessor;
            return null;
        }

        // The private fields of other assemblies are not seen here; their own build has checked the property.
        setter = MemberAccess.BackingFieldAccessor;
        return BackingField(property) is not null || !SymbolEqualityComparer.Default.Equals(property.ContainingAssembly, _compilation.Assembly)
            ? null
            : "it is computed and cannot be set";
    }

    private bool IsAccessible(ISymbol symbol) => _compilation.IsSymbolAccessibleWithin(symbol, _compilation.Assembly);
}
