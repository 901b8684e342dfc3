using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace OrleansStream.Engine.CodeGeneration;

/// <summary>
/// Generates what the Embedded engine needs to call grains and to send messages: codecs of [GenerateSerializer] types,
/// reference and invocation classes of grain interfaces, and a module initializer that registers them and the grain classes.
/// </summary>
[Generator(LanguageNames.CSharp)]
public sealed class OrleansStreamGenerator : IIncrementalGenerator
{
    /// <summary>The tracking name of the serializable types' models.</summary>
    public const string SerializableTypes = "SerializableTypes";

    /// <summary>The tracking name of the grain interfaces' models.</summary>
    public const string GrainInterfaces = "GrainInterfaces";

    /// <summary>The tracking name of everything that the module initializer registers.</summary>
    public const string Registrations = "Registrations";

    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var types = context.SyntaxProvider.ForAttributeWithMetadataName(
            "Orleans.GenerateSerializerAttribute",
            static (_, _) => true,
            static (attributed, _) => SerializableTypeReader.Read((INamedTypeSymbol)attributed.TargetSymbol, attributed.SemanticModel.Compilation));
        var interfaces = context.SyntaxProvider.CreateSyntaxProvider(
            static (node, _) => node is InterfaceDeclarationSyntax { BaseList: not null },
            static (node, _) => ReadInterface(node)).Where(static analyzed => analyzed is not null).Select(static (analyzed, _) => analyzed!);
        var grainClasses = context.SyntaxProvider.CreateSyntaxProvider(
            static (node, _) => node is ClassDeclarationSyntax { BaseList: not null },
            static (node, _) => ReadGrainClass(node)).Where(static analyzed => analyzed is not null).Select(static (analyzed, _) => analyzed!);
        var ns = context.CompilationProvider.Select(static (compilation, _) => Symbols.GeneratedNamespace(compilation.Assembly));
        var references = context.CompilationProvider.Select(static (compilation, _) => References(compilation));

        var typeModels = Models(context, types).WithTrackingName(SerializableTypes);
        var interfaceModels = Models(context, interfaces).WithTrackingName(GrainInterfaces);
        var classModels = Models(context, grainClasses);

        context.RegisterSourceOutput(
            typeModels.Combine(ns),
            static (output, pair) => output.AddSource(pair.Left.CodecName + ".g.cs", CodecEmitter.Emit(pair.Left, pair.Right)));
        context.RegisterSourceOutput(
            interfaceModels.Combine(ns),
            static (output, pair) => output.AddSource(pair.Left.GeneratedName + ".g.cs", GrainInterfaceEmitter.Emit(pair.Left, pair.Right)));

        var registrations = typeModels.Select(static (type, _) => CodecRegistration.From(type)).Collect()
            .Combine(interfaceModels.Select(static (grain, _) => InterfaceRegistration.From(grain)).Collect())
            .Combine(classModels.Collect())
            .Combine(references)
            .Combine(ns)
            .Select(static (all, _) => new Registered(
                all.Right,
                new(all.Left.Left.Left.Left.ToArray()),
                new(all.Left.Left.Left.Right.ToArray()),
                new(all.Left.Left.Right.Distinct().ToArray()),
                all.Left.Right))
            .WithTrackingName(Registrations);
        context.RegisterSourceOutput(registrations, static (output, all) =>
        {
            if (all.Codecs.Count + all.Interfaces.Count + all.GrainClasses.Count + all.References.Count > 0)
            {
                output.AddSource(
                    "GeneratedModule.g.cs",
                    RegistrationEmitter.Emit(all.Namespace, all.Codecs, all.Interfaces, all.GrainClasses, all.References));
            }
        });
    }

    // Reports the diagnostics by a way of their own, so that code that merely moves does not generate anything anew.
    private static IncrementalValuesProvider<T> Models<T>(
        IncrementalGeneratorInitializationContext context, IncrementalValuesProvider<Analyzed<T>> analyzed)
        where T : class, IEquatable<T>
    {
        context.RegisterSourceOutput(
            analyzed.SelectMany(static (a, _) => a.Diagnostics.ToImmutableArray()),
            static (output, diagnostic) => output.ReportDiagnostic(diagnostic.ToDiagnostic()));
        return analyzed.Where(static a => a.Model is not null).Select(static (a, _) => a.Model!);
    }

    private static Analyzed<GrainInterface>? ReadInterface(GeneratorSyntaxContext context)
        => context.SemanticModel.GetDeclaredSymbol(context.Node) is INamedTypeSymbol type
            && IsFirstPart<InterfaceDeclarationSyntax>(type, context.Node)
            && GrainInterfaceReader.IsGrainInterface(type)
                ? GrainInterfaceReader.Read(type, context.SemanticModel.Compilation)
                : null;

    private static Analyzed<GrainClass>? ReadGrainClass(GeneratorSyntaxContext context)
    {
        if (context.SemanticModel.GetDeclaredSymbol(context.Node) is not INamedTypeSymbol { IsAbstract: false } type
            || !IsFirstPart<ClassDeclarationSyntax>(type, context.Node)
            || !type.AllInterfaces.Any(i => i.Is("Orleans", "IGrain")))
        {
            return null;
        }

        var problem = !Symbols.IsNameable(type) ? Descriptors.InaccessibleType
            : type.AllTypeParameters().Count > 0 ? Descriptors.GenericGrainMember
            : null;
        if (problem is null)
        {
            return new(new GrainClass(type.FullName()), EquatableArray<DiagnosticModel>.Empty);
        }

        // A class that only implements the interface may well be a test double; one that derives from Grain is meant to be hosted.
        return DerivesFromGrain(type) ? new(null, new([DiagnosticModel.Create(problem, type, type.ShownName())])) : null;
    }

    private static bool DerivesFromGrain(INamedTypeSymbol type)
    {
        for (var current = type.BaseType; current is not null; current = current.BaseType)
        {
            if (current.Is("Orleans", "Grain"))
            {
                return true;
            }
        }

        return false;
    }

    // A partial type is looked at once, where its first base list stands.
    private static bool IsFirstPart<TSyntax>(INamedTypeSymbol type, SyntaxNode node)
        where TSyntax : TypeDeclarationSyntax
        => type.DeclaringSyntaxReferences
            .Select(r => r.GetSyntax())
            .OfType<TSyntax>()
            .FirstOrDefault(s => s.BaseList is not null) == node;

    private static EquatableArray<string> References(Compilation compilation)
        => new(compilation.SourceModule.ReferencedAssemblySymbols
            .Where(assembly => assembly.Modules.Any(m => m.ReferencedAssemblies.Any(r => r.Name == "OrleansStream.Engine"))
                && assembly.GetAttributes().Any(a => a.AttributeClass is { Name: "GeneratedPartsAttribute" }))
            .Select(assembly => assembly.Name)
            .OrderBy(name => name, StringComparer.Ordinal)
            .ToArray());

    private sealed record Registered(
        string Namespace,
        EquatableArray<CodecRegistration> Codecs,
        EquatableArray<InterfaceRegistration> Interfaces,
        EquatableArray<GrainClass> GrainClasses,
        EquatableArray<string> References);
}
