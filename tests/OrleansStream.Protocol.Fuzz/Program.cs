using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using OrleansStream.Protocol.Fuzz;

const string Usage = """
    Feeds mutated record batches and compressed data to OrleansStream.Protocol.

      --iterations N   how many inputs to try (default 1000000)
      --seed N         the seed; printed, so that a run can be repeated (default: from the clock)
      --first N        the first iteration, to repeat a single one (default 0)
      --corpus DIR     where the starting inputs lie and what is found goes (default: none)
    """;

long iterations = 1_000_000;
ulong? seed = null;
long first = 0;
string? corpus = null;
for (var i = 0; i < args.Length; i++)
{
    var value = i + 1 < args.Length ? args[i + 1] : null;
    switch (args[i])
    {
        case "--iterations" when long.TryParse(value, CultureInfo.InvariantCulture, out iterations) && iterations > 0:
        case "--first" when long.TryParse(value, CultureInfo.InvariantCulture, out first) && first >= 0:
            i++;
            break;
        case "--seed" when ulong.TryParse(value, CultureInfo.InvariantCulture, out var parsed):
            seed = parsed;
            i++;
            break;
        case "--corpus" when value is not null:
            corpus = value;
            i++;
            break;
        default:
            Console.Error.WriteLine($"Cannot make sense of '{args[i]} {value}'.\n\n{Usage}");
            return 2;
    }
}

var runSeed = seed ?? (ulong)Stopwatch.GetTimestamp();
Console.WriteLine($"seed {runSeed}, iterations {first} to {first + iterations - 1}");
var cases = corpus is not null && Directory.Exists(corpus)
    ? Directory.GetFiles(corpus, "*.bin").Order(StringComparer.Ordinal).Select(File.ReadAllBytes).ToList()
    : [];
var generator = new InputGenerator(cases);
using var target = new RecordBatchTarget();
var findings = new HashSet<string>();
var clock = Stopwatch.StartNew();
foreach (var input in cases)
{
    Try(input, "corpus");
}

for (var iteration = first; iteration < first + iterations; iteration++)
{
    var random = new FuzzRandom(runSeed ^ ((ulong)iteration * 0xD1342543DE82EF95));
    Try(generator.Create(ref random), $"iteration {iteration}");
    if (iteration % 500_000 == 499_999)
    {
        Console.WriteLine($"iteration {iteration + 1}: {clock.Elapsed.TotalSeconds:F0} s, {target.Accepted} inputs accepted, {findings.Count} findings");
    }
}

Console.WriteLine($"{iterations} iterations in {clock.Elapsed.TotalSeconds:F0} s, {target.Accepted} inputs accepted, {findings.Count} findings");
return findings.Count == 0 ? 0 : 1;

void Try(byte[] input, string origin)
{
    var started = Stopwatch.GetTimestamp();
    try
    {
        target.Run(input);
        var elapsed = Stopwatch.GetElapsedTime(started);
        if (elapsed > TimeSpan.FromSeconds(5))
        {
            Report(input, origin, $"slow: {elapsed.TotalSeconds:F1} s");
        }
    }
    catch (Exception exception)
    {
        Report(input, origin, exception.ToString());
    }
}

void Report(byte[] input, string origin, string what)
{
    // One case per place in the code.
    if (!findings.Add(string.Join('\n', what.Split('\n').Take(4))))
    {
        return;
    }

    Console.WriteLine($"FOUND at {origin} (seed {runSeed}), {input.Length} bytes: {what}\n{Convert.ToHexString(input)}");
    if (corpus is not null)
    {
        Directory.CreateDirectory(corpus);
        var path = Path.Combine(corpus, Convert.ToHexStringLower(SHA256.HashData(input))[..16] + ".bin");
        File.WriteAllBytes(path, input);
        Console.WriteLine($"saved as {path}");
    }
}
