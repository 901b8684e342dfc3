using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Text;

namespace OrleansStream.Protocol.CodeGeneration.Tests;

public sealed class KafkaCodecGeneratorTests
{
    private const string Good = """
        api 3 Sample
        versions 0-9
        flexible 9+

        request
          Topics []Topic nullable=1+
            Name string

        response
          Topics []Topic
            Name  string
            Error error 2+
        """;

    [Fact]
    public void GoodSchema_GivesAClassForEachMessage_AndAnEntryInTheTable()
    {
        var result = Run(("Sample.kafka", Good));

        result.Diagnostics.ShouldBeEmpty();
        var source = result.GeneratedTrees.Single(tree => tree.FilePath.EndsWith("Sample.g.cs", StringComparison.Ordinal)).ToString();
        source.ShouldContain("class SampleRequest : IKafkaRequest<SampleRequest>");
        source.ShouldContain("class SampleResponse : IKafkaResponse<SampleResponse>");
        result.GeneratedTrees.Single(tree => tree.FilePath.EndsWith("KafkaApis.g.cs", StringComparison.Ordinal)).ToString()
            .ShouldContain("new ApiDescriptor(ApiKey.Sample, 0, 9, 0, 9)");
    }

    [Fact]
    public void StructuresOfOneName_MayDifferBetweenMessages_ButNotWithinOne() => Refuses(
        """
        api 3 Sample
        versions 0-1
        flexible none

        request
          Topics []Topic
            Name string
          Others []Other
            Inner []Topic
              Name  string
              Count int32
        """,
        9,
        "The structure 'Topic' has other fields here than in line 6");

    [Theory]
    [InlineData("Name string 1+")]
    [InlineData("Name string nullable")]
    [InlineData("Name string default=x")]
    [InlineData("Name []string")]
    [InlineData("Title string")]
    public void StructuresOfOneName_AreRefused_WhenAFieldDiffersInAnything(string field) => Refuses(
        $"""
        api 3 Sample
        versions 0-1
        flexible none

        request
          One Topic
            Name string
          Two []Topic
            {field}
        """,
        8,
        "The structure 'Topic' has other fields");

    [Fact]
    public void StructureWithoutFields_RefersToTheOneBeforeIt()
        => Run(("Sample.kafka", """
            api 3 Sample
            versions 0-1
            flexible none

            request
              One []Topic
                Name string
              Two []Topic
            """)).Diagnostics.ShouldBeEmpty();

    [Theory]
    [InlineData("  Name txt", 6, "has the type 'txt', which is neither a primitive nor a structure")]
    [InlineData("  Name string 3-1", 6, "'3-1' is neither a range of versions")]
    [InlineData("  Name string tag=0", 6, "is tagged in versions that are not flexible")]
    [InlineData("  Name string\n  Name int8", 7, "'Name' stands here twice")]
    [InlineData("  Name", 6, "A field stands in a block")]
    [InlineData("  Topic Topic\n    Name string", 6, "has the same name as its type")]
    [InlineData("answer", 6, "'answer' is not a directive")]
    public void BadLine_IsReportedWhereItStands(string line, int number, string message)
        => Refuses($"api 3 Sample\nversions 0-1\nflexible none\n\nrequest\n{line}\n", number, message);

    [Fact]
    public void BadSchema_LeavesTheOthersAlone()
    {
        var result = Run(("Bad.kafka", "nonsense"), ("Sample.kafka", Good));

        result.Diagnostics.ShouldHaveSingleItem().GetMessage(null).ShouldStartWith("Bad.kafka: ");
        result.GeneratedTrees.ShouldContain(tree => tree.FilePath.EndsWith("Sample.g.cs", StringComparison.Ordinal));
    }

    private static void Refuses(string schema, int line, string message)
    {
        var diagnostic = Run(("Sample.kafka", schema)).Diagnostics.ShouldHaveSingleItem();
        diagnostic.Id.ShouldBe("OSP0001");
        diagnostic.Severity.ShouldBe(DiagnosticSeverity.Error);
        diagnostic.GetMessage(null).ShouldContain(message);
        diagnostic.Location.GetLineSpan().StartLinePosition.Line.ShouldBe(line - 1);
    }

    private static GeneratorDriverRunResult Run(params (string Path, string Text)[] files)
    {
        var compilation = CSharpCompilation.Create("Sample", options: new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary));
        var driver = CSharpGeneratorDriver.Create(
            [new KafkaCodecGenerator().AsSourceGenerator()],
            additionalTexts: files.Select(file => (AdditionalText)new SchemaText(file.Path, file.Text)).ToImmutableArray());
        return driver.RunGenerators(compilation, TestContext.Current.CancellationToken).GetRunResult();
    }

    private sealed class SchemaText(string path, string text) : AdditionalText
    {
        public override string Path => path;

        public override SourceText GetText(CancellationToken cancellationToken = default) => SourceText.From(text);
    }
}
