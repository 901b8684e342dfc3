using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace OrleansStream.Architecture.Tests;

/// <summary>The repository's own files, as the tests read them: sources and projects, never what a build wrote.</summary>
internal static partial class Repository
{
    private static readonly string[] CodeRoots = ["src", "silo-host", "samples", "tests", "benchmarks"];

    /// <summary>The folder that holds the solution, with a separator at its end.</summary>
    public static string Root { get; } = typeof(Repository).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == "RepositoryRoot").Value!;

    /// <summary>Every C# file of the product, the samples, the tests and the benchmarks.</summary>
    public static IReadOnlyList<SourceFile> Sources { get; } = [.. CodeRoots.SelectMany(FilesUnder)
        .Where(path => path.EndsWith(".cs", StringComparison.Ordinal))
        .Select(path => new SourceFile(path, File.ReadAllText(Path.Combine(Root, path))))];

    /// <summary>Every project, by its file name without extension.</summary>
    public static IReadOnlyList<Project> Projects { get; } = [.. CodeRoots.SelectMany(FilesUnder)
        .Where(path => path.EndsWith(".csproj", StringComparison.Ordinal))
        .Select(path => new Project(path, XDocument.Load(Path.Combine(Root, path))))];

    /// <summary>The project with the given name.</summary>
    public static Project Project(string name) => Projects.Single(project => project.Name == name);

    /// <summary>The text of a file given by its path from the root.</summary>
    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    /// <summary>The files under a folder of the root as relative paths with '/', in order, without bin and obj.</summary>
    public static IEnumerable<string> FilesUnder(string folder)
    {
        var directory = Path.Combine(Root, folder);
        return !Directory.Exists(directory)
            ? []
            : Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories)
                .Select(path => Path.GetRelativePath(Root, path).Replace('\\', '/'))
                .Where(path => !BuildOutput().IsMatch(path))
                .Order(StringComparer.Ordinal);
    }

    [GeneratedRegex(@"/(bin|obj|node_modules)/")]
    private static partial Regex BuildOutput();
}

/// <summary>A C# file: path from the root with '/', and text.</summary>
internal sealed record SourceFile(string Path, string Text)
{
    public string[] Lines { get; } = Text.Split('\n');

    /// <summary>The lines that match, as "path:line: text" for a failure's message.</summary>
    public IEnumerable<string> Matches(Regex pattern) => Lines
        .Select((line, index) => (line, number: index + 1))
        .Where(item => pattern.IsMatch(item.line))
        .Select(item => $"{Path}:{item.number}: {item.line.Trim()}");
}

/// <summary>A project file: path from the root with '/', and content.</summary>
internal sealed record Project(string Path, XDocument Document)
{
    public string Name => System.IO.Path.GetFileNameWithoutExtension(Path);

    /// <summary>The names of the projects that it refers to.</summary>
    public IEnumerable<string> References => Items("ProjectReference")
        .Select(include => System.IO.Path.GetFileNameWithoutExtension(include.Replace('\\', '/')));

    /// <summary>The packages that it refers to, downloads included.</summary>
    public IEnumerable<string> Packages => Items("PackageReference").Concat(Items("PackageDownload"));

    /// <summary>The value of a property; null where it is not set.</summary>
    public string? Property(string name) => Document.Descendants(name).FirstOrDefault()?.Value;

    private IEnumerable<string> Items(string name) => Document.Descendants(name)
        .Select(element => element.Attribute("Include")?.Value)
        .OfType<string>();
}
