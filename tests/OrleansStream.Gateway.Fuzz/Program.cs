using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using OrleansStream.Gateway.Fuzz;
using OrleansStream.Protocol.Fuzz;

const string Usage = """
    Feeds mutated Kafka requests to the gateway's dispatcher and codecs, or with --socket to a listener.

      --iterations N   how many requests to try (default 1000000)
      --seed N         the seed; printed, so that a run can be repeated (default: from the clock)
      --first N        the first iteration, to repeat a single one (default 0)
      --socket         through a socket
      --corpus DIR     where requests that were found before lie and what is found goes (default: none)
    """;

long iterations = 1_000_000;
ulong? seed = null;
long first = 0;
var socket = false;
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
        case "--socket":
            socket = true;
            break;
        default:
            Console.Error.WriteLine($"Cannot make sense of '{args[i]} {value}'.\n\n{Usage}");
            return 2;
    }
}

var runSeed = seed ?? (ulong)Stopwatch.GetTimestamp();
Console.WriteLine($"seed {runSeed}, iterations {first} to {first + iterations - 1}");
using var dispatcher = new DispatcherTarget();
var generator = new RequestGenerator(dispatcher.Apis);
Console.WriteLine($"{generator.Proper.Count} proper requests to begin with");
await using var listener = new SocketTarget();
if (socket)
{
    await listener.StartAsync();
}

var findings = new HashSet<string>();
var clock = Stopwatch.StartNew();
foreach (var path in corpus is not null && Directory.Exists(corpus) ? Directory.GetFiles(corpus, "*.bin") : [])
{
    await TryAsync(File.ReadAllBytes(path), default, path);
}

foreach (var request in generator.Proper)
{
    await TryAsync(request, default, "a proper request");
}

for (var iteration = first; iteration < first + iterations; iteration++)
{
    var random = new FuzzRandom(runSeed ^ ((ulong)iteration * 0xD1342543DE82EF95));
    var request = generator.Create(ref random);
    await TryAsync(request, random, $"iteration {iteration}");
    if (iteration % 500_000 == 499_999)
    {
        Console.WriteLine($"iteration {iteration + 1}: {clock.Elapsed.TotalSeconds:F0} s, {findings.Count} findings");
    }
}

if (socket && await listener.StopAsync() is var open and > 0)
{
    findings.Add($"{open} connections are still open.");
    Console.WriteLine($"FOUND: {open} connections are still open.");
}

var outcome = socket ? $"{listener.Closed} connections closed" : $"{dispatcher.Answered} answered";
Console.WriteLine($"{iterations} iterations in {clock.Elapsed.TotalSeconds:F0} s, {outcome}, {findings.Count} findings");
return findings.Count == 0 ? 0 : 1;

async Task TryAsync(byte[] request, FuzzRandom random, string origin)
{
    var started = Stopwatch.GetTimestamp();
    try
    {
        if (socket)
        {
            await listener.RunAsync(request, random);
        }
        else
        {
            dispatcher.Run(request);
        }

        var elapsed = Stopwatch.GetElapsedTime(started);
        if (elapsed > TimeSpan.FromSeconds(5))
        {
            Report(request, origin, $"slow: {elapsed.TotalSeconds:F1} s");
        }
    }
    catch (Exception exception)
    {
        Report(request, origin, exception.ToString());
    }
}

void Report(byte[] request, string origin, string what)
{
    // One case per place in the code.
    if (!findings.Add(string.Join('\n', what.Split('\n').Take(4))))
    {
        return;
    }

    Console.WriteLine($"FOUND at {origin} (seed {runSeed}), {request.Length} bytes: {what}\n{Convert.ToHexString(request)}");
    if (corpus is not null)
    {
        Directory.CreateDirectory(corpus);
        var path = Path.Combine(corpus, Convert.ToHexStringLower(SHA256.HashData(request))[..16] + ".bin");
        File.WriteAllBytes(path, request);
        Console.WriteLine($"saved as {path}");
    }
}
