using System.Diagnostics;
using System.Security.Cryptography;

namespace OrleansStream.Protocol.Fuzz;

/// <summary>Makes the next input.</summary>
internal delegate byte[] CreateInput(ref FuzzRandom random);

/// <summary>Feeds inputs to a target, and keeps those on which it throws or takes too long: one for each place in the code.</summary>
internal sealed class FuzzRun(FuzzOptions options, Func<byte[], FuzzRandom, ValueTask> target)
{
    private const int ProgressEvery = 500_000;
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(5);

    private readonly HashSet<string> _findings = [];
    private readonly Stopwatch _clock = Stopwatch.StartNew();

    /// <summary>What was found before, in an order that does not change.</summary>
    public static List<byte[]> ReadCorpus(FuzzOptions options)
        => options.Corpus is { } corpus && Directory.Exists(corpus)
            ? [.. Directory.GetFiles(corpus, "*.bin").Order(StringComparer.Ordinal).Select(File.ReadAllBytes)]
            : [];

    /// <summary>Tries inputs that are given.</summary>
    public async Task TryAsync(IEnumerable<byte[]> inputs, string origin)
    {
        foreach (var input in inputs)
        {
            await TryAsync(input, default, origin);
        }
    }

    /// <summary>Tries as many inputs as the options say.</summary>
    /// <param name="create">Makes them, each from a random source of its own.</param>
    /// <param name="outcome">Says how far the target has come.</param>
    public async Task IterateAsync(CreateInput create, Func<string> outcome)
    {
        Console.WriteLine($"seed {options.Seed}, iterations {options.First} to {options.First + options.Iterations - 1}");
        for (var iteration = options.First; iteration < options.First + options.Iterations; iteration++)
        {
            var random = new FuzzRandom(options.Seed ^ ((ulong)iteration * 0xD1342543DE82EF95));
            var input = create(ref random);
            await TryAsync(input, random, $"iteration {iteration}");
            if (iteration % ProgressEvery == ProgressEvery - 1)
            {
                Console.WriteLine($"iteration {iteration + 1}: {_clock.Elapsed.TotalSeconds:F0} s, {outcome()}, {_findings.Count} findings");
            }
        }
    }

    /// <summary>Something that no single input has brought about.</summary>
    public void Report(string what)
    {
        _findings.Add(what);
        Console.WriteLine($"FOUND: {what}");
    }

    /// <summary>Says how the run went.</summary>
    /// <returns>The program's exit code.</returns>
    public int End(string outcome)
    {
        Console.WriteLine($"{options.Iterations} iterations in {_clock.Elapsed.TotalSeconds:F0} s, {outcome}, {_findings.Count} findings");
        return _findings.Count == 0 ? 0 : 1;
    }

    private async Task TryAsync(byte[] input, FuzzRandom random, string origin)
    {
        var started = Stopwatch.GetTimestamp();
        try
        {
            await target(input, random);
            var elapsed = Stopwatch.GetElapsedTime(started);
            if (elapsed > Slow)
            {
                Report(input, origin, $"slow: {elapsed.TotalSeconds:F1} s");
            }
        }
        catch (Exception exception)
        {
            Report(input, origin, exception.ToString());
        }
    }

    private void Report(byte[] input, string origin, string what)
    {
        // One case per place in the code.
        if (!_findings.Add(string.Join('\n', what.Split('\n').Take(4))))
        {
            return;
        }

        Console.WriteLine($"FOUND at {origin} (seed {options.Seed}), {input.Length} bytes: {what}\n{Convert.ToHexString(input)}");
        if (options.Corpus is { } corpus)
        {
            Directory.CreateDirectory(corpus);
            var path = Path.Combine(corpus, Convert.ToHexStringLower(SHA256.HashData(input))[..16] + ".bin");
            File.WriteAllBytes(path, input);
            Console.WriteLine($"saved as {path}");
        }
    }
}
