using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace OrleansStream.Engine.CodeGeneration;

/// <summary>Makes the model of a [GenerateSerializer] type out of its symbol.</summary>
internal sealed partial class SerializableTypeReader
{
    private const string Generate = "GenerateSerializerAttribute";

    private readonly INamedTypeSymbol _type;
    private readonly Compilation _compilation;
    private readonly CodecResolver _codecs;
    private readonly List<DiagnosticModel> _diagnostics = [];

    private SerializableTypeReader(INamedTypeSymbol type, Compilation compilation)
    {
        _type = type;
        _compilation = compilation;
        _codecs = new CodecResolver(compilation.Assembly);
    }

    /// <summary>The model, or what is wrong with the type. Enums need nothing generated.</summary>
    public static Analyzed<SerializableType> Read(INamedTypeSymbol type, Compilation compilation)
    {
        var reader = new SerializableTypeReader(type, compilation);
        var model = type.TypeKind == TypeKind.Enum ? null : reader.Read();
        return new(reader._diagnostics.Count == 0 ? model : null, new(reader._diagnostics.ToArray()));
    }

    private SerializableType? Read()
    {
        if (!Symbols.IsNameable(_type))
        {
            Report(Descriptors.InaccessibleType, _type, _type.ShownName());
            return null;
        }

        if (_type.IsStatic || _type.IsRefLikeType)
        {
            Report(Descriptors.UnsupportedType, _type, _type.ShownName(), _type.IsStatic ? "it is static" : "it is a ref struct");
            return null;
        }

        var constructor = PrimaryConstructor();
        var chain = Chain();
        var levels = chain.Select(level => ReadLevel(level, constructor)).ToArray();
        var members = MatchParameters(constructor, levels);
        var parameters = _type.AllTypeParameters();
        return new SerializableType(
            _type.GeneratedName() + "Codec",
            _type.FullName(),
            _type.OpenName(),
            _type.ShownName(),
            Names(parameters),
            Constraints(parameters),
            _type.WireName(),
            _type.IsValueType,
            _type.IsAbstract,
            MayBeDerived: !_type.IsValueType && !_type.IsSealed,
            IsDerived: chain.Count > 1,
            _type.HasOrleansAttribute("ImmutableAttribute"),
            constructor is not null ? (HasRequiredMembers() ? Creation.ConstructorAccessor : Creation.Constructor) : ParameterlessCreation(),
            new(members),
            new(levels));
    }

    // The chain of classes with serializers, the base class first.
    private List<INamedTypeSymbol> Chain()
    {
        var chain = new List<INamedTypeSymbol> { _type };
        for (var current = _type.BaseType; current is not null; current = current.BaseType)
        {
            if (current.HasOrleansAttribute(Generate))
            {
                chain.Insert(0, current);
            }
        }

        return chain;
    }

    private InheritanceLevel ReadLevel(INamedTypeSymbol level, IMethodSymbol? constructor)
    {
        var isOwn = SymbolEqualityComparer.Default.Equals(level, _type);
        var members = new SortedDictionary<uint, SerializableMember>();
        foreach (var symbol in level.GetMembers())
        {
            if (!IsCandidate(symbol, out var type))
            {
                continue;
            }

            var parameter = constructor?.Parameters.FirstOrDefault(p => p.Name == symbol.Name && SymbolEqualityComparer.Default.Equals(p.Type, type));
            if (symbol.AttributeArgument("IdAttribute") is not uint id)
            {
                if (isOwn)
                {
                    ReportMissingId(level, symbol, parameter);
                }

                continue;
            }

            if (members.TryGetValue(id, out var other))
            {
                Report(Descriptors.DuplicateId, symbol, other.PlainName, symbol.Name, level.ShownName(), id.ToString());
            }
            else if (ReadMember(level, symbol, type, id, parameter) is { } member)
            {
                members.Add(id, member);
            }
        }

        var definition = level.OriginalDefinition;
        var parameters = definition.AllTypeParameters();
        return new InheritanceLevel(
            new(level.AllTypeArguments().Select(Symbols.FullName).ToArray()),
            Names(parameters),
            Constraints(parameters),
            definition.FullName(),
            new(members.Values.ToArray()));
    }

    private void ReportMissingId(INamedTypeSymbol level, ISymbol symbol, IParameterSymbol? parameter)
    {
        if (parameter is null && !IsStored(symbol))
        {
            return;
        }

        var next = NextId(level).ToString();
        if (parameter is not null)
        {
            Report(Descriptors.MissingParameterId, parameter, parameter.Name, level.ShownName(), next);
        }
        else
        {
            Report(Descriptors.MissingMemberId, symbol, symbol.Name, level.ShownName(), next);
        }
    }

    private MemberReference[] MatchParameters(IMethodSymbol? constructor, InheritanceLevel[] levels)
    {
        var references = new List<MemberReference>();
        foreach (var parameter in constructor?.Parameters ?? [])
        {
            var found = FindMember(levels, parameter);
            if (found is not null)
            {
                references.Add(found);
            }
            else if (_diagnostics.Count == 0)
            {
                Report(Descriptors.MissingParameterId, parameter, parameter.Name, _type.ShownName(), NextId(_type).ToString());
            }
        }

        return [.. references];
    }

    private static MemberReference? FindMember(InheritanceLevel[] levels, IParameterSymbol parameter)
    {
        for (var level = levels.Length - 1; level >= 0; level--)
        {
            for (var index = 0; index < levels[level].Members.Count; index++)
            {
                var member = levels[level].Members[index];
                if (member.IsConstructorParameter && member.PlainName == parameter.Name)
                {
                    return new MemberReference(level, index);
                }
            }
        }

        return null;
    }

    // A record's primary constructor; other classes are made empty and then filled.
    private IMethodSymbol? PrimaryConstructor()
        => _type.IsRecord && !_type.IsAbstract
            ? _type.InstanceConstructors.FirstOrDefault(c => c.DeclaringSyntaxReferences.Any(r => r.GetSyntax() is RecordDeclarationSyntax { ParameterList: not null }))
            : null;

    private Creation ParameterlessCreation()
    {
        var parameterless = _type.InstanceConstructors.FirstOrDefault(c => c.Parameters.Length == 0);
        return parameterless is null || _type.IsAbstract ? Creation.Uninitialized
            : _type.IsValueType ? (HasRequiredMembers() ? Creation.Uninitialized : Creation.Constructor)
            : !_compilation.IsSymbolAccessibleWithin(parameterless, _compilation.Assembly) || HasRequiredMembers() ? Creation.ConstructorAccessor
            : Creation.Constructor;
    }

    private bool HasRequiredMembers()
    {
        for (var current = _type; current is not null; current = current.BaseType)
        {
            if (current.GetMembers().Any(m => m is IPropertySymbol { IsRequired: true } or IFieldSymbol { IsRequired: true }))
            {
                return true;
            }
        }

        return false;
    }

    private static uint NextId(INamedTypeSymbol level)
    {
        var ids = level.GetMembers().Select(m => m.AttributeArgument("IdAttribute")).OfType<uint>().ToArray();
        return ids.Length == 0 ? 0 : ids.Max() + 1;
    }

    private static EquatableArray<string> Names(IReadOnlyList<ITypeParameterSymbol> parameters)
        => new(parameters.Select(p => p.Name).ToArray());

    private static EquatableArray<string> Constraints(IReadOnlyList<ITypeParameterSymbol> parameters)
        => new(parameters.Select(p => p.ConstraintClause()).OfType<string>().ToArray());

    private void Report(DiagnosticDescriptor descriptor, ISymbol symbol, params string[] arguments)
        => _diagnostics.Add(DiagnosticModel.Create(descriptor, symbol.Locations.Any(l => l.IsInSource) ? symbol : _type, arguments));
}
