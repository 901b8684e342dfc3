using System.Text.RegularExpressions;

namespace OrleansStream.Architecture.Tests;

/// <summary>The two engines are told apart in eng/ and nowhere else (docs/adr/0001-two-engines.md).</summary>
public sealed partial class EngineSwitchTests
{
    /// <summary>Projects that may look at an engine itself: its part for ZooKeeper, and the engine's own tests.</summary>
    private static readonly string[] MayNameTheEngine = ["OrleansStream.Engine.ZooKeeper", "OrleansStream.Engine.Tests"];

    [Fact]
    public void EnginePackages_AreReferredTo_OnlyInEng() =>
        Repository.Projects
            .Where(project => !MayNameTheEngine.Contains(project.Name))
            .SelectMany(project => project.Packages
                .Where(package => package.StartsWith("Microsoft.Orleans", StringComparison.OrdinalIgnoreCase))
                .Select(package => $"{project.Path}: {package}"))
            .ShouldBeEmpty();

    [Fact]
    public void EngineProject_IsReferredTo_OnlyInEng() =>
        Repository.Projects
            .Where(project => !MayNameTheEngine.Contains(project.Name))
            .SelectMany(project => project.References
                .Where(reference => reference.StartsWith("OrleansStream.Engine", StringComparison.Ordinal))
                .Select(reference => $"{project.Path}: {reference}"))
            .ShouldBeEmpty();

    [Fact]
    public void ConditionalCompilation_IsAbsent_FromEverythingButTheEngine() =>
        Repository.Sources
            .Where(file => !file.Path.StartsWith("src/OrleansStream.Engine", StringComparison.Ordinal))
            .SelectMany(file => file.Matches(ConditionalDirective()))
            .ShouldBeEmpty();

    [Fact]
    public void EveryEnginePackage_HasItsVersionInOnePlace()
    {
        var named = PackageReference().Matches(Repository.Read("eng/Engine.targets")).Select(match => match.Groups[1].Value).Distinct();
        var versions = Repository.Read("Directory.Packages.props");
        foreach (var package in named)
        {
            versions.ShouldContain($"<PackageVersion Include=\"{package}\" Version=\"$(OrleansVersion)\" />");
        }
    }

    [GeneratedRegex(@"^\s*#\s*(if|elif|define)\b")]
    private static partial Regex ConditionalDirective();

    [GeneratedRegex("<PackageReference Include=\"([^\"]+)\"")]
    private static partial Regex PackageReference();
}
