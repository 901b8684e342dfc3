using System.Text.RegularExpressions;

namespace OrleansStream.Architecture.Tests;

/// <summary>Rules of the house that a compiler does not know. Each exception is listed with its reason.</summary>
public sealed partial class SourceStyleTests
{
    private const int MaxLines = 500;

    /// <summary>Files over the limit, by path, with the reason why they are not split.</summary>
    private static readonly Dictionary<string, string> LongFiles = [];

    /// <summary>Test files that wait by the clock, by path, with the reason why no event can be awaited instead.</summary>
    private static readonly Dictionary<string, string> ClockWaits = new()
    {
        ["tests/OrleansStream.Client.Tests/Fakes/Expect.cs"] = "the one loop for states that raise no event",
        ["tests/OrleansStream.Faults/Running/Pace.cs"] = "faults last for a time, and other processes raise no event here",
    };

    /// <summary>Source folders whose namespace is not the project's, by path prefix.</summary>
    private static readonly Dictionary<string, string[]> OtherNamespaces = new()
    {
        // Kafka's vocabulary is everybody's: it stands at the root.
        ["src/OrleansStream.Protocol/Vocabulary/"] = ["OrleansStream"],
        // Where everybody's AddX(this IServiceCollection) is found.
        ["src/OrleansStream.Client/DependencyInjection/"] = ["Microsoft.Extensions.DependencyInjection", "OrleansStream.Client"],
        // What the compiler looks for in its own namespace, on a framework that lacks it.
        ["src/OrleansStream.Engine.CodeGeneration/Model/IsExternalInit.cs"] = ["System.Runtime.CompilerServices"],
        // Source compatibility: the engine lives in the namespaces of the packages that it stands in for.
        ["src/OrleansStream.Engine/"] = ["Orleans", "OrleansStream.Engine", "Microsoft.Extensions"],
        ["src/OrleansStream.Clustering.ZooKeeper/"] = ["Orleans", "OrleansStream.Clustering.ZooKeeper"],
        ["src/OrleansStream.Engine.ZooKeeper/"] = ["Orleans", "OrleansStream.Engine.ZooKeeper"],
    };

    [Fact]
    public void Files_AreAtMost500Lines_UnlessListedWithAReason() =>
        Repository.Sources
            .Where(file => file.Lines.Length > MaxLines && !LongFiles.ContainsKey(file.Path))
            .Select(file => $"{file.Path}: {file.Lines.Length} lines")
            .ShouldBeEmpty();

    [Fact]
    public void ListedExceptions_StillExist() =>
        LongFiles.Keys.Concat(ClockWaits.Keys)
            .Where(path => Repository.Sources.All(file => file.Path != path))
            .ShouldBeEmpty("an exception that nothing needs any more is taken off the list");

    [Fact]
    public void Tests_WaitForEvents_NotForTheClock() =>
        Repository.Sources
            .Where(file => file.Path.StartsWith("tests/", StringComparison.Ordinal) && !ClockWaits.ContainsKey(file.Path))
            .SelectMany(file => file.Matches(ClockWait()))
            .ShouldBeEmpty();

    [Fact]
    public void Sources_HoldNoUnfinishedWork() =>
        Repository.Sources
            .Where(file => file.Path != "tests/OrleansStream.Architecture.Tests/SourceStyleTests.cs")
            .SelectMany(file => file.Matches(UnfinishedWork()))
            .ShouldBeEmpty();

    [Fact]
    public void Tasks_AreAwaited_NotBlockedOn() =>
        Repository.Sources
            .Where(file => file.Path.StartsWith("src/", StringComparison.Ordinal))
            .SelectMany(file => file.Matches(BlockedTask()))
            .ShouldBeEmpty();

    [Fact]
    public void ProductCode_TakesTheTimeFromATimeProvider() =>
        Repository.Sources
            .Where(file => file.Path.StartsWith("src/", StringComparison.Ordinal))
            .SelectMany(file => file.Matches(AmbientClock()))
            .ShouldBeEmpty();

    [Fact]
    public void Namespaces_FollowTheProject()
    {
        foreach (var file in Repository.Sources.Where(file => file.Path.StartsWith("src/", StringComparison.Ordinal)))
        {
            var match = FileScopedNamespace().Match(file.Text);
            if (!match.Success)
            {
                continue;
            }

            var project = file.Path.Split('/')[1];
            var allowed = OtherNamespaces.FirstOrDefault(pair => file.Path.StartsWith(pair.Key, StringComparison.Ordinal)).Value ?? [project];
            allowed.Any(root => match.Groups[1].Value == root || match.Groups[1].Value.StartsWith(root + ".", StringComparison.Ordinal))
                .ShouldBeTrue($"{file.Path} is in namespace {match.Groups[1].Value}; expected {string.Join(" or ", allowed)}");
        }
    }

    [Fact]
    public void Folders_AreNamedAfterOneIdea() =>
        Repository.Sources
            .Where(file => VagueFolder().IsMatch(file.Path))
            .Select(file => file.Path)
            .ShouldBeEmpty("no Utils, Helpers, Common or Manager");

    [Fact]
    public void TestMethods_AreNamedMethodOutcomeWhenCondition() =>
        Repository.Sources
            .Where(file => file.Path.StartsWith("tests/", StringComparison.Ordinal))
            .SelectMany(file => TestMethod().Matches(file.Text).Select(match => $"{file.Path}: {match.Groups[1].Value}"))
            .Where(name => !name.Contains('_', StringComparison.Ordinal))
            .ShouldBeEmpty();

    [GeneratedRegex(@"\bThread\.Sleep\s*\(|\bTask\.Delay\s*\((?!\s*Timeout\.Infinite)")]
    private static partial Regex ClockWait();

    [GeneratedRegex(@"\b(TODO|FIXME|HACK|XXX)\b|\bNotImplementedException\b")]
    private static partial Regex UnfinishedWork();

    [GeneratedRegex(@"\.GetAwaiter\(\)\.GetResult\(\)|\)\.Wait\(\)|Async\([^)]*\)\.Result\b")]
    private static partial Regex BlockedTask();

    [GeneratedRegex(@"\bDateTime(Offset)?\.(Utc)?Now\b")]
    private static partial Regex AmbientClock();

    [GeneratedRegex(@"^namespace\s+([\w.]+)\s*;", RegexOptions.Multiline)]
    private static partial Regex FileScopedNamespace();

    [GeneratedRegex(@"/(Utils?|Helpers?|Common|Managers?)(/|\.cs$)")]
    private static partial Regex VagueFolder();

    [GeneratedRegex(@"\[(?:Fact|Theory)[^\]]*\](?:\s*\[[^\n]*\])*\s*public\s+(?:async\s+)?[\w<>]+\s+(\w+)\s*\(")]
    private static partial Regex TestMethod();
}
