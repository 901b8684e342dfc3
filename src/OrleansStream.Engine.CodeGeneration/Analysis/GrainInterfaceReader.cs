using Microsoft.CodeAnalysis;

namespace OrleansStream.Engine.CodeGeneration;

/// <summary>Makes the model of a grain interface out of its symbol.</summary>
internal sealed class GrainInterfaceReader
{
    private readonly INamedTypeSymbol _type;
    private readonly CodecResolver _codecs;
    private readonly List<DiagnosticModel> _diagnostics = [];

    private GrainInterfaceReader(INamedTypeSymbol type, Compilation compilation)
    {
        _type = type;
        _codecs = new CodecResolver(compilation.Assembly);
    }

    /// <summary>Whether calls of the interface go through a grain reference: it derives from IGrain, IGrainObserver or the like.</summary>
    public static bool IsGrainInterface(INamedTypeSymbol type) => type.AllInterfaces.Any(i => i.Is("Orleans.Runtime", "IAddressable"));

    /// <summary>The model, or what is wrong with the interface.</summary>
    public static Analyzed<GrainInterface> Read(INamedTypeSymbol type, Compilation compilation)
    {
        var reader = new GrainInterfaceReader(type, compilation);
        var model = reader.Read();
        return new(reader._diagnostics.Count == 0 ? model : null, new(reader._diagnostics.ToArray()));
    }

    private GrainInterface? Read()
    {
        if (!Symbols.IsNameable(_type))
        {
            Report(Descriptors.InaccessibleType, _type, _type.ShownName());
            return null;
        }

        if (_type.AllTypeParameters().Count > 0)
        {
            Report(Descriptors.GenericGrainMember, _type, _type.ShownName());
            return null;
        }

        var methods = new List<GrainMethod>();
        foreach (var declaring in _type.AllInterfaces.OrderBy(i => i.FullName(), StringComparer.Ordinal).Prepend(_type))
        {
            ReadMethods(declaring, methods);
        }

        return new GrainInterface(_type.GeneratedName(), _type.FullName(), _type.ShownName(), _type.WireName(), new(methods.ToArray()));
    }

    private void ReadMethods(INamedTypeSymbol declaring, List<GrainMethod> methods)
    {
        var wireNames = new HashSet<string>(StringComparer.Ordinal);
        foreach (var member in declaring.GetMembers())
        {
            switch (member)
            {
                case IMethodSymbol { MethodKind: MethodKind.Ordinary, IsStatic: false, IsAbstract: true } method:
                    var wireName = method.AttributeArgument("AliasAttribute") as string ?? $"{method.Name}/{method.Parameters.Count(p => !IsToken(p.Type))}";
                    if (!wireNames.Add(wireName))
                    {
                        Report(Descriptors.DuplicateMethodName, method, declaring.ShownName(), wireName);
                    }
                    else if (ReadMethod(declaring, method, wireName, methods.Count) is { } model)
                    {
                        methods.Add(model);
                    }

                    break;
                case IPropertySymbol { IsAbstract: true }:
                    Report(Descriptors.UnsupportedInterfaceMember, member, member.Name, declaring.ShownName(), "a property");
                    break;
                case IEventSymbol { IsAbstract: true }:
                    Report(Descriptors.UnsupportedInterfaceMember, member, member.Name, declaring.ShownName(), "an event");
                    break;
                default:
                    break;
            }
        }
    }

    private GrainMethod? ReadMethod(INamedTypeSymbol declaring, IMethodSymbol method, string wireName, int index)
    {
        var shown = $"'{method.Name}'";
        if (method.IsGenericMethod)
        {
            Report(Descriptors.GenericGrainMember, method, $"{shown} of {declaring.ShownName()}");
            return null;
        }

        if (ReturnOf(method) is not var (kind, result))
        {
            Report(Descriptors.UnsupportedReturnType, method, shown, declaring.ShownName(), method.ReturnType.ShownName());
            return null;
        }

        var parameters = ReadParameters(declaring, method);
        var resultCodec = result is null ? "" : CodecOf(result, method, $"The result of {shown}", declaring);
        if (method.GetReturnTypeAttributes().Any(a => a.AttributeClass is { Name: "ImmutableAttribute" }) && result is not null && resultCodec is not null)
        {
            resultCodec = Shared(result, resultCodec);
        }

        return parameters is null || resultCodec is null ? null : new GrainMethod(
            $"{_type.GeneratedName()}_{method.Name}Invocation{index}",
            declaring.FullName(),
            declaring.WireName(),
            method.CodeName(),
            method.Name,
            wireName,
            method.ReturnsVoid ? "void" : method.ReturnType.FullName(),
            kind,
            result?.FullName() ?? "",
            resultCodec,
            method.ReturnsVoid || method.HasOrleansAttribute("OneWayAttribute"),
            method.HasOrleansAttribute("ReadOnlyAttribute"),
            method.HasOrleansAttribute("AlwaysInterleaveAttribute"),
            new(parameters));
    }

    private GrainParameter[]? ReadParameters(INamedTypeSymbol declaring, IMethodSymbol method)
    {
        var shown = $"'{method.Name}'";
        var problems = _diagnostics.Count;
        if (method.Parameters.Count(p => IsToken(p.Type)) > 1)
        {
            Report(Descriptors.SeveralTokens, method, shown, declaring.ShownName());
        }

        var parameters = new List<GrainParameter>();
        foreach (var parameter in method.Parameters)
        {
            if (parameter.RefKind != RefKind.None)
            {
                Report(Descriptors.ReferenceParameter, parameter, parameter.Name, shown, declaring.ShownName());
                continue;
            }

            var isToken = IsToken(parameter.Type);
            if ((isToken ? "" : CodecOf(parameter.Type, parameter, $"Parameter '{parameter.Name}' of {shown}", declaring)) is not { } codec)
            {
                continue;
            }

            var declaredDefault = parameter.DeclaredDefault();
            parameters.Add(new GrainParameter(
                parameter.CodeName(),
                parameter.Type.FullName(),
                parameter.HasOrleansAttribute("ImmutableAttribute") ? Shared(parameter.Type, codec) : codec,
                isToken,
                declaredDefault is null ? Symbols.PresenceOf(parameter.Type) : Presence.Always,
                declaredDefault ?? ""));
        }

        return _diagnostics.Count == problems ? [.. parameters] : null;
    }

    private string? CodecOf(ITypeSymbol type, ISymbol reported, string what, INamedTypeSymbol declaring)
    {
        var codec = _codecs.Find(type, out var unserializable);
        if (codec is null)
        {
            Report(Descriptors.NoSerializer, reported, what, declaring.ShownName(), unserializable.ShownName());
        }

        return codec;
    }

    private static (ReturnKind Kind, ITypeSymbol? Result)? ReturnOf(IMethodSymbol method)
    {
        if (method.ReturnsVoid)
        {
            return (ReturnKind.Void, null);
        }

        var arguments = (method.ReturnType as INamedTypeSymbol)?.TypeArguments ?? [];
        var type = method.ReturnType;
        return type.Is("System.Threading.Tasks", "Task") ? (ReturnKind.Task, null)
            : type.Is("System.Threading.Tasks", "Task`1") ? (ReturnKind.TaskOfResult, arguments[0])
            : type.Is("System.Threading.Tasks", "ValueTask") ? (ReturnKind.ValueTask, null)
            : type.Is("System.Threading.Tasks", "ValueTask`1") ? (ReturnKind.ValueTaskOfResult, arguments[0])
            : type.Is("System.Collections.Generic", "IAsyncEnumerable`1") ? (ReturnKind.Stream, arguments[0])
            : null;
    }

    private static bool IsToken(ITypeSymbol type) => type.Is("System.Threading", "CancellationToken");

    private static string Shared(ITypeSymbol type, string codec) => $"{BuiltInCodecNames.Engine}SharedCodec<{type.FullName()}, {codec}>";

    private void Report(DiagnosticDescriptor descriptor, ISymbol symbol, params string[] arguments)
        => _diagnostics.Add(DiagnosticModel.Create(descriptor, symbol.Locations.Any(l => l.IsInSource) ? symbol : _type, arguments));
}
