using Microsoft.CodeAnalysis;

namespace OrleansStream.Engine.CodeGeneration.Tests.Generator;

public sealed class DiagnosticTests
{
    private const string Usings = """
        using System;
        using System.Collections.Generic;
        using System.Threading;
        using System.Threading.Tasks;
        using Orleans;

        """;

    [Fact]
    public void DuplicateId_IsReported() => Reports(
        "OSE0001",
        "[GenerateSerializer] public class Foo { [Id(3)] public int A { get; set; } [Id(3)] public int B { get; set; } }",
        "'A' and 'B' of Foo both have [Id(3)]");

    [Fact]
    public void MissingParameterId_IsReported() => Reports(
        "OSE0002", "[GenerateSerializer] public record Foo([property: Id(0)] int A, int B);", "Parameter 'B' of record Foo", "'[property: Id(1)] B'");

    [Fact]
    public void MissingMemberId_IsReported()
    {
        Reports("OSE0003", "[GenerateSerializer] public class Foo { [Id(4)] public int A { get; set; } public int B { get; set; } }", "'B' of Foo", "[Id(5)]");
        Reports("OSE0003", "[GenerateSerializer] public class Foo { public int B; }", "'B' of Foo", "[Id(0)]");
        Reports("OSE0003", "[GenerateSerializer] public record Foo([property: Id(0)] int A) { public int B { get; init; } }", "'B' of Foo");
    }

    [Fact]
    public void UnsupportedMember_IsReported()
    {
        Reports("OSE0004", "[GenerateSerializer] public class Foo { [Id(0)] public int A => 1; }", "'A' of Foo", "computed");
        Reports("OSE0004", "[GenerateSerializer] public class Foo { [Id(0)] public int A { set { } } }", "cannot be read");
        Reports("OSE0004", "[GenerateSerializer] public abstract class Foo { [Id(0)] public abstract int A { get; set; } }", "abstract");
        Reports("OSE0004", "[GenerateSerializer] public class Foo { [Id(0)] public int this[int i] { get => i; set { } } }", "indexer");
    }

    [Fact]
    public void TypeWithoutSerializer_IsReported()
    {
        Reports("OSE0005", "public class Bar {} [GenerateSerializer] public class Foo { [Id(0)] public List<Bar[]>? A { get; set; } }", "'A' of Foo", "type Bar,", "[GenerateSerializer]");
        Reports("OSE0005", "public interface IFoo : IGrainWithStringKey { Task M(object o); }", "Parameter 'o' of 'M' of IFoo", "object");
        Reports("OSE0005", "public interface IFoo : IGrainWithStringKey { Task<Thread> M(); }", "The result of 'M' of IFoo", "System.Threading.Thread");
        Reports("OSE0005", "[GenerateSerializer] public class Foo { [Id(0)] public int[,]? A { get; set; } }", "int[*,*]");
    }

    [Fact]
    public void InaccessibleType_IsReported()
    {
        Reports("OSE0006", "public class Outer { [GenerateSerializer] private class Foo { } }", "Outer.Foo");
        Reports("OSE0006", "[GenerateSerializer] file class Foo { }", "Foo");
        Reports("OSE0006", "public class Outer { private interface IFoo : IGrainWithStringKey { } }", "Outer.IFoo");
        Reports("OSE0006", "public interface IFoo : IGrainWithStringKey { } public class Outer { private class FooGrain : Grain, IFoo { } }", "Outer.FooGrain");
    }

    [Fact]
    public void UnsupportedType_IsReported() => Reports("OSE0007", "[GenerateSerializer] public ref struct Foo { }", "Foo", "ref struct");

    [Fact]
    public void UnsupportedReturnType_IsReported() => Reports(
        "OSE0101", "public interface IFoo : IGrainWithStringKey { int M(); }", "'M' of IFoo returns int", "ValueTask<T>");

    [Fact]
    public void UnsupportedInterfaceMember_IsReported()
    {
        Reports("OSE0102", "public interface IFoo : IGrainWithStringKey { int P { get; } }", "'P' of grain interface IFoo is a property");
        Reports("OSE0102", "public interface IFoo : IGrainWithStringKey { event Action E; }", "'E' of grain interface IFoo is an event");
    }

    [Fact]
    public void DuplicateMethodName_IsReported()
    {
        Reports("OSE0103", "public interface IFoo : IGrainWithStringKey { Task M(int a); Task M(string a); }", "IFoo", "'M/1'", "[Alias]");
        Reports("OSE0103", "public interface IFoo : IGrainWithStringKey { [Alias(\"x\")] Task M(); [Alias(\"x\")] Task N(); }", "'x'");
    }

    [Fact]
    public void SeveralTokens_AreReported() => Reports(
        "OSE0104", "public interface IFoo : IGrainWithStringKey { Task M(CancellationToken a, CancellationToken b); }", "'M' of IFoo");

    [Fact]
    public void ReferenceParameter_IsReported() => Reports(
        "OSE0105", "public interface IFoo : IGrainWithStringKey { Task M(in int a); }", "Parameter 'a' of 'M' of IFoo");

    [Fact]
    public void GenericGrainMember_IsReported()
    {
        Reports("OSE0106", "public interface IFoo<T> : IGrainWithStringKey { }", "IFoo<T>");
        Reports("OSE0106", "public interface IFoo : IGrainWithStringKey { Task M<T>(); }", "'M' of IFoo");
    }

    [Fact]
    public void Location_IsTheMembers_WhenAMemberIsWrong()
    {
        var run = GeneratorRun.Of(Usings + "[GenerateSerializer]\npublic class Foo\n{\n    public int Bad;\n}");
        var span = run.Diagnostics.Single().Location.GetLineSpan();
        (span.Path, span.StartLinePosition.Line).ShouldBe(("Source0.cs", 8));
    }

    [Fact]
    public void Nothing_IsReported_WhenMembersAreNotSerialized() => Clean(
        """
        [GenerateSerializer]
        public class Foo
        {
            public const int Constant = 1;
            public static int Static;
            [NonSerialized] private int _cache = 1;
            [field: NonSerialized] public int Transient { get; set; }
            public int Computed => _cache;
            public event Action? Event;
            [Id(0)] public int A { get; set; }
            public void Raise() => Event?.Invoke();
        }
        """);

    [Fact]
    public void Nothing_IsReported_WhenADoubleImplementsAGrainInterface() => Clean(
        "public interface IFoo : IGrainWithStringKey { } public class Tests { private class FakeFoo : IFoo { } public static object Make() => new FakeFoo(); }");

    [Fact]
    public void Others_AreStillGenerated_WhenOneTypeIsWrong()
    {
        var run = GeneratorRun.Of(Usings + "[GenerateSerializer] public class Bad { public int A; } [GenerateSerializer] public class Good { [Id(0)] public int A; }");
        run.Diagnostics.Single().Id.ShouldBe("OSE0003");
        run.Result.GeneratedSources.Select(s => s.HintName).ShouldContain("GoodCodec.g.cs");
        run.Result.Exception.ShouldBeNull();
    }

    private static void Reports(string id, string source, params string[] parts)
    {
        var run = GeneratorRun.Of(Usings + source);
        run.Result.Exception.ShouldBeNull();
        var diagnostic = run.Diagnostics.Single();
        diagnostic.Id.ShouldBe(id);
        diagnostic.Severity.ShouldBe(DiagnosticSeverity.Error);
        foreach (var part in parts)
        {
            diagnostic.GetMessage().ShouldContain(part);
        }
    }

    private static void Clean(string source)
    {
        var run = GeneratorRun.Of(Usings + source);
        run.Diagnostics.ShouldBeEmpty();
        run.Problems.ShouldBeEmpty();
    }
}
