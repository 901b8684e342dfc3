using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace OrleansStream.Engine.CodeGeneration.Tests.Generator;

/// <summary>Runs the generator over sources given as text.</summary>
internal sealed class GeneratorRun
{
    private static readonly ImmutableArray<MetadataReference> References =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path) is var name
                && (name.StartsWith("System.", StringComparison.Ordinal) || name is "OrleansStream.Engine.dll" or "OrleansStream.Abstractions.dll" or "OrleansStream.Protocol.dll"))
            .Select(path => MetadataReference.CreateFromFile(path)),
    ];

    private static readonly CSharpParseOptions ParseOptions = new(LanguageVersion.Latest, DocumentationMode.Diagnose);

    private GeneratorRun(CSharpCompilation compilation, GeneratorDriver driver)
    {
        Compilation = compilation;
        Driver = driver.RunGeneratorsAndUpdateCompilation(compilation, out var output, out var diagnostics);
        Output = output;
        Diagnostics = diagnostics;
    }

    public CSharpCompilation Compilation { get; }

    public GeneratorDriver Driver { get; }

    private Compilation Output { get; }

    public ImmutableArray<Diagnostic> Diagnostics { get; }

    /// <summary>What the compiler says of the sources together with what was generated for them; only the latter must be documented.</summary>
    public IEnumerable<Diagnostic> Problems
        => Output.GetDiagnostics(TestContext.Current.CancellationToken)
            .Where(d => d.Severity != DiagnosticSeverity.Hidden)
            .Where(d => d.Id != "CS1591" || d.Location.SourceTree?.FilePath.StartsWith("Source", StringComparison.Ordinal) == false);

    public GeneratorRunResult Result => Driver.GetRunResult().Results.Single();

    public static GeneratorRun Of(params string[] sources)
    {
        var compilation = CSharpCompilation.Create(
            "Generator.Sample",
            sources.Select((source, i) => Parse(source, i)),
            References,
            new CSharpCompilationOptions(
                OutputKind.DynamicallyLinkedLibrary,
                nullableContextOptions: NullableContextOptions.Enable,
                generalDiagnosticOption: ReportDiagnostic.Error,
                warningLevel: 9999));
        var driver = CSharpGeneratorDriver.Create(
            [new OrleansStreamGenerator().AsSourceGenerator()],
            parseOptions: ParseOptions,
            driverOptions: new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true));
        return new GeneratorRun(compilation, driver);
    }

    /// <summary>Runs again, with one source replaced.</summary>
    public GeneratorRun With(int index, string source)
        => new(Compilation.ReplaceSyntaxTree(Compilation.SyntaxTrees[index], Parse(source, index)), Driver);

    /// <summary>Why the outputs of a step were made: all of them must be cached or unchanged for nothing to be done again.</summary>
    public IEnumerable<IncrementalStepRunReason> Reasons(string step)
        => Result.TrackedSteps[step].SelectMany(s => s.Outputs).Select(o => o.Reason);

    public IEnumerable<IncrementalStepRunReason> OutputReasons()
        => Result.TrackedOutputSteps.SelectMany(s => s.Value).SelectMany(s => s.Outputs).Select(o => o.Reason);

    private static SyntaxTree Parse(string source, int index) => CSharpSyntaxTree.ParseText(source, ParseOptions, $"Source{index}.cs");
}
