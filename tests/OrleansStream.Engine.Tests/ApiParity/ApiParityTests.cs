using System.Reflection;
using Orleans;

namespace OrleansStream.Engine.Tests.ApiParity;

/// <summary>
/// The Embedded engine has no public member that Microsoft.Orleans 10.4.2 does not have with the same signature, so that what
/// compiles against the engine compiles against the packages.
/// </summary>
public sealed class ApiParityTests
{
    // What generated code needs is public, and no part of the API; it lives in a namespace of its own.
    private static readonly string[] OwnNamespaces = ["OrleansStream."];

    private static readonly Dictionary<string, PublicType> Ours = PublicApi.Read(typeof(Grain).Assembly.Location)
        .Where(pair => !OwnNamespaces.Any(prefix => pair.Key.StartsWith(prefix, StringComparison.Ordinal)))
        .ToDictionary();

    private static readonly Dictionary<string, PublicType> Real = typeof(ApiParityTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Where(attribute => attribute.Key.StartsWith("RealAssembly:", StringComparison.Ordinal))
        .SelectMany(attribute => PublicApi.Read(attribute.Value!))
        .ToDictionary();

    private static readonly bool AreAllAtHand = typeof(ApiParityTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Any(attribute => attribute.Key == "AllRealAssemblies");

    [Fact]
    public void Types_HaveTheRealMembersOnly_WhereTheRealAssemblyIsAtHand()
    {
        Real.Count.ShouldBeGreaterThan(200, "the real assemblies should have been read");
        var differences = new List<string>();
        foreach (var ours in Ours.Values.Where(type => Real.ContainsKey(type.Name)))
        {
            var real = Real[ours.Name];
            if (ours.Shape != real.Shape)
            {
                differences.Add($"{ours.Name} is '{ours.Shape}', really '{real.Shape}'");
            }

            foreach (var member in ours.Members.Except(real.Members))
            {
                var name = member.Split('(')[0].Split(' ')[^1];
                var candidates = real.Members.Where(other => other.Contains($" {name}(", StringComparison.Ordinal) || other.Contains($" {name}", StringComparison.Ordinal));
                differences.Add($"{ours.Name} has '{member}'; really there is: {string.Join(" | ", candidates)}");
            }
        }

        differences.ShouldBeEmpty();
    }

    [Fact]
    public void Types_AllExistInTheRealAssemblies()
    {
        Assert.SkipUnless(AreAllAtHand, "The package feed is not known to have all of Orleans' assemblies (eng/select-engine.sh).");

        Ours.Keys.Except(Real.Keys).ShouldBeEmpty();
    }
}
