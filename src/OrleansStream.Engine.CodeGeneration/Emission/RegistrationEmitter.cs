using Microsoft.CodeAnalysis.CSharp;

namespace OrleansStream.Engine.CodeGeneration;

/// <summary>Writes the module initializer that registers everything that was generated for an assembly.</summary>
internal static class RegistrationEmitter
{
    private const string Engine = BuiltInCodecNames.Engine;
    private const string Manifest = Engine + "GeneratedManifest";

    public static string Emit(
        string ns,
        IEnumerable<CodecRegistration> codecs,
        IEnumerable<InterfaceRegistration> interfaces,
        IEnumerable<GrainClass> grainClasses,
        IEnumerable<string> references)
    {
        var source = SourceBuilder.File();
        source.Line($"[assembly: {Engine}GeneratedParts({string.Join(", ", references.Select(Literal))})]").Line();
        source.Open($"namespace {ns}").Attributes().Open("internal static class GeneratedModule");
        source.Line("[global::System.Runtime.CompilerServices.ModuleInitializer]").Open("internal static void Register()");
        foreach (var codec in codecs.OrderBy(c => c.CodecName, StringComparer.Ordinal))
        {
            EmitCodec(source, codec);
        }

        foreach (var grain in interfaces.OrderBy(i => i.GeneratedName, StringComparer.Ordinal))
        {
            var methods = string.Join(", ", grain.InvocationNames.Select(n => n + ".Descriptor"));
            source.Line($"{Manifest}.AddInterface(new {Engine}GeneratedInterface(typeof({grain.TypeName}), {Literal(grain.WireName)}, static context => new {grain.GeneratedName}Reference(context), new {Engine}GrainMethodDescriptor[] {{ {methods} }}));");
        }

        foreach (var grainClass in grainClasses.OrderBy(c => c.TypeName, StringComparer.Ordinal))
        {
            source.Line($"{Manifest}.AddGrainClass(typeof({grainClass.TypeName}));");
        }

        return source.Close().Close().Close().ToString();
    }

    private static void EmitCodec(SourceBuilder source, CodecRegistration codec)
    {
        if (codec.TypeParameterCount > 0)
        {
            source.Line($"{Manifest}.AddGenericCodec(typeof({codec.OpenTypeName}), typeof({codec.CodecName}<{new string(',', (codec.TypeParameterCount * 2) - 1)}>));");
            return;
        }

        source.Line($"{Manifest}.AddCodec<{codec.TypeName}>(default({codec.CodecName}));");
        if (codec.IsDerived)
        {
            source.Line($"{Manifest}.AddDerivedCodec<{codec.TypeName}>({Literal(codec.WireName)}, default({codec.CodecName}));");
        }
    }

    private static string Literal(string value) => SymbolDisplay.FormatLiteral(value, quote: true);
}
