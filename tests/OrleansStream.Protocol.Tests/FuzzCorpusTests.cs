using OrleansStream.Protocol.Fuzz;

namespace OrleansStream.Protocol.Tests;

public sealed class FuzzCorpusTests
{
    private static readonly string Corpus = Path.Combine(AppContext.BaseDirectory, "Corpus");

    [Fact]
    public void Run_KeepsEveryPromise_ForEachCaseOfTheCorpus()
    {
        string[] cases = Directory.GetFiles(Corpus, "*.bin");
        cases.ShouldNotBeEmpty();
        using var target = new RecordBatchTarget();
        foreach (var path in cases)
        {
            Should.NotThrow(() => target.Run(File.ReadAllBytes(path)), Path.GetFileName(path));
        }
    }

    [Fact]
    public void Run_KeepsEveryPromise_ForAFixedSeed()
    {
        using var target = new RecordBatchTarget();
        var generator = new InputGenerator(Directory.GetFiles(Corpus, "*.bin").Order(StringComparer.Ordinal).Select(File.ReadAllBytes));
        for (var iteration = 0UL; iteration < 20_000; iteration++)
        {
            var random = new FuzzRandom(7 ^ (iteration * 0xD1342543DE82EF95));
            var input = generator.Create(ref random);
            Should.NotThrow(() => target.Run(input), $"iteration {iteration}: {Convert.ToHexString(input)}");
        }

        // A target that refuses nearly everything tests nearly nothing.
        target.Accepted.ShouldBeGreaterThan(2_000);
    }
}
