using System.Text.RegularExpressions;

namespace OrleansStream.Architecture.Tests;

/// <summary>
/// The direction of dependence: Protocol ← Core ← {Storage, Metadata, Grains}; Abstractions ← {Grains, Gateway, Client}.
/// A new reference is a decision: it is added here together with its project.
/// </summary>
public sealed partial class DependencyDirectionTests
{
    private static readonly Dictionary<string, string[]> AllowedReferences = new()
    {
        ["OrleansStream.Protocol"] = ["OrleansStream.Protocol.CodeGeneration"],
        ["OrleansStream.Protocol.CodeGeneration"] = [],
        ["OrleansStream.Core"] = ["OrleansStream.Protocol"],
        ["OrleansStream.Storage"] = ["OrleansStream.Protocol", "OrleansStream.Core"],
        ["OrleansStream.Metadata"] = ["OrleansStream.Protocol", "OrleansStream.Core"],
        ["OrleansStream.ZooKeeper"] = ["OrleansStream.Metadata"],
        ["OrleansStream.Abstractions"] = ["OrleansStream.Protocol"],
        ["OrleansStream.Grains"] = ["OrleansStream.Protocol", "OrleansStream.Core", "OrleansStream.Storage", "OrleansStream.Metadata", "OrleansStream.ZooKeeper", "OrleansStream.Abstractions"],
        ["OrleansStream.Gateway"] = ["OrleansStream.Protocol", "OrleansStream.Core", "OrleansStream.Abstractions"],
        ["OrleansStream.Client"] = ["OrleansStream.Protocol", "OrleansStream.Abstractions"],
        ["OrleansStream.Cli"] = ["OrleansStream.Client"],
        ["OrleansStream.Engine"] = [],
        ["OrleansStream.Engine.CodeGeneration"] = [],
        ["OrleansStream.Clustering.ZooKeeper"] = ["OrleansStream.ZooKeeper"],
        ["OrleansStream.Engine.ZooKeeper"] = ["OrleansStream.Engine", "OrleansStream.ZooKeeper"],
        ["silo-host"] = ["OrleansStream.Grains", "OrleansStream.Gateway"],
    };

    /// <summary>What each part may use of Orleans (the property that eng/Engine.targets turns into references).</summary>
    private static readonly Dictionary<string, string> UsesOrleans = new()
    {
        ["OrleansStream.Abstractions"] = "Contracts",
        ["OrleansStream.Grains"] = "Server",
        ["OrleansStream.Gateway"] = "Contracts",
        ["OrleansStream.Client"] = "Client",
        ["OrleansStream.Clustering.ZooKeeper"] = "Packages",
        ["silo-host"] = "Server",
    };

    public static TheoryData<string> ProductProjects => [.. Repository.Projects
        .Where(project => IsProduct(project.Path))
        .Select(project => project.Name)];

    [Theory]
    [MemberData(nameof(ProductProjects))]
    public void ProjectReferences_FollowTheArrows_InEveryProductProject(string name)
    {
        AllowedReferences.ShouldContainKey(name, "a new product project states here what it may depend on");
        Repository.Project(name).References.Except(AllowedReferences[name])
            .ShouldBeEmpty($"{name} may refer to [{string.Join(", ", AllowedReferences[name])}] only");
    }

    [Theory]
    [MemberData(nameof(ProductProjects))]
    public void UsesOrleans_IsWhatTheArrowsAllow_InEveryProductProject(string name) =>
        Repository.Project(name).Property("UsesOrleans").ShouldBe(UsesOrleans.GetValueOrDefault(name));

    [Theory]
    [InlineData("OrleansStream.Protocol")]
    [InlineData("OrleansStream.Core")]
    [InlineData("OrleansStream.Storage")]
    [InlineData("OrleansStream.Metadata")]
    [InlineData("OrleansStream.ZooKeeper")]
    public void Sources_NameNoOrleansType_BelowTheGrains(string project) =>
        Repository.Sources
            .Where(file => file.Path.StartsWith($"src/{project}/", StringComparison.Ordinal))
            .SelectMany(file => file.Matches(OrleansUsing()))
            .ShouldBeEmpty();

    [Fact]
    public void TestsAndBenchmarks_AreReferredToByNoProductProject()
    {
        var others = Repository.Projects.Where(project => !IsProduct(project.Path)).Select(project => project.Name).ToHashSet();
        Repository.Projects.Where(project => IsProduct(project.Path))
            .SelectMany(project => project.References.Where(others.Contains).Select(reference => $"{project.Name} -> {reference}"))
            .ShouldBeEmpty();
    }

    [Fact]
    public void EveryProject_StandsInTheSolution()
    {
        var solution = Repository.Read("OrleansStream.sln").Replace('\\', '/');
        Repository.Projects.Where(project => !solution.Contains($"\"{project.Path}\"", StringComparison.Ordinal))
            .Select(project => project.Path)
            .ShouldBeEmpty();
    }

    private static bool IsProduct(string path) =>
        path.StartsWith("src/", StringComparison.Ordinal) || path.StartsWith("silo-host/", StringComparison.Ordinal);

    [GeneratedRegex(@"^\s*(global\s+)?using\s+(static\s+)?Orleans(\.|;)|\bOrleans\.(Runtime|Concurrency|Hosting)\b")]
    private static partial Regex OrleansUsing();
}
