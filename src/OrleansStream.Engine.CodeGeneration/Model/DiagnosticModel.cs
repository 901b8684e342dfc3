using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace OrleansStream.Engine.CodeGeneration;

/// <summary>A diagnostic by value, so that no syntax tree is held.</summary>
internal sealed record DiagnosticModel(
    DiagnosticDescriptor Descriptor,
    string FilePath,
    TextSpan Span,
    LinePositionSpan LineSpan,
    EquatableArray<string> Arguments)
{
    public static DiagnosticModel Create(DiagnosticDescriptor descriptor, ISymbol symbol, params string[] arguments)
    {
        var location = symbol.Locations.FirstOrDefault(l => l.IsInSource);
        var lines = location?.GetLineSpan() ?? default;
        return new DiagnosticModel(descriptor, lines.Path ?? "", location?.SourceSpan ?? default, lines.Span, new(arguments));
    }

    public Diagnostic ToDiagnostic()
        => Diagnostic.Create(
            Descriptor,
            FilePath.Length == 0 ? Location.None : Location.Create(FilePath, Span, LineSpan),
            Arguments.Cast<object>().ToArray());
}
