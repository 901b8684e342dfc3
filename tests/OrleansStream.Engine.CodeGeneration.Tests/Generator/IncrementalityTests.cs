using Microsoft.CodeAnalysis;

namespace OrleansStream.Engine.CodeGeneration.Tests.Generator;

public sealed class IncrementalityTests
{
    private const string Message = """
        using Orleans;
        namespace Sample;
        [GenerateSerializer] public sealed record Message([property: Id(0)] int A, [property: Id(1)] Part[] Parts);
        [GenerateSerializer] public sealed record Part([property: Id(0)] string Name);
        """;

    private const string Grain = """
        using Orleans;
        using System.Threading.Tasks;
        namespace Sample;
        public interface ISampleGrain : IGrainWithStringKey { Task<Message> GetAsync(int a); }
        public class SampleGrain : Grain, ISampleGrain { public Task<Message> GetAsync(int a) => Task.FromResult(new Message(a, [])); }
        """;

    [Fact]
    public void Nothing_IsGeneratedAgain_WhenUnrelatedCodeChanges()
    {
        var first = GeneratorRun.Of(Message, Grain, "class Unrelated { }");
        var second = first.With(2, "class Unrelated { int _field = 1; int M() => _field; }");
        AllAreCached(second);
        second.OutputReasons().ShouldAllBe(reason => reason == IncrementalStepRunReason.Cached || reason == IncrementalStepRunReason.Unchanged);
    }

    [Fact]
    public void Nothing_IsGeneratedAgain_WhenDeclarationsOnlyMove()
    {
        var first = GeneratorRun.Of(Message, Grain);
        var second = first
            .With(0, "// A comment.\n\n" + Message)
            .With(1, Grain.Replace("new Message(a, [])", "new Message(a + 1, [])", StringComparison.Ordinal));
        AllAreCached(second);
    }

    [Fact]
    public void OnlyTheTypesFile_IsGeneratedAgain_WhenAMemberChanges()
    {
        var first = GeneratorRun.Of(Message, Grain);
        var second = first.With(0, Message.Replace("string Name", "string Name, [property: Id(1)] int More", StringComparison.Ordinal));
        second.Reasons(OrleansStreamGenerator.SerializableTypes).Count(reason => reason == IncrementalStepRunReason.Modified).ShouldBe(1);
        second.OutputReasons().Count(reason => reason == IncrementalStepRunReason.Modified).ShouldBe(1);
        second.Reasons(OrleansStreamGenerator.Registrations).ShouldAllBe(reason => reason != IncrementalStepRunReason.Modified);
    }

    [Fact]
    public void Dependents_AreGeneratedAgain_WhenATypeLosesItsSerializer()
    {
        var first = GeneratorRun.Of(Message, Grain);
        first.Diagnostics.ShouldBeEmpty();
        var second = first.With(0, Message.Replace("[GenerateSerializer] public sealed record Part", "public sealed record Part", StringComparison.Ordinal));
        second.Diagnostics.Single().Id.ShouldBe("OSE0005");
    }

    [Fact]
    public void Output_IsTheSame_WhateverTheOrderOfTheSources()
    {
        var one = GeneratorRun.Of(Message, Grain).Result.GeneratedSources.ToDictionary(s => s.HintName, s => s.SourceText.ToString());
        var other = GeneratorRun.Of(Grain, Message).Result.GeneratedSources.ToDictionary(s => s.HintName, s => s.SourceText.ToString());
        other.ShouldBe(one, ignoreOrder: true);
    }

    private static void AllAreCached(GeneratorRun run)
    {
        foreach (var step in new[] { OrleansStreamGenerator.SerializableTypes, OrleansStreamGenerator.GrainInterfaces, OrleansStreamGenerator.Registrations })
        {
            run.Reasons(step).ShouldAllBe(
                reason => reason == IncrementalStepRunReason.Cached || reason == IncrementalStepRunReason.Unchanged, step);
        }
    }
}
