using System.Diagnostics;
using System.Globalization;

namespace OrleansStream.Protocol.Fuzz;

/// <summary>What every fuzz program is told.</summary>
internal sealed record FuzzOptions(long Iterations, long First, ulong Seed, string? Corpus, bool HasSwitch)
{
    private const string Common = """
          --iterations N   how many inputs to try (default 1000000)
          --seed N         the seed; printed, so that a run can be repeated (default: from the clock)
          --first N        the first iteration, to repeat a single one (default 0)
          --corpus DIR     where inputs that were found before lie and what is found goes (default: none)
        """;

    /// <summary>Reads the arguments; null after saying what is wrong with them.</summary>
    /// <param name="args">The arguments.</param>
    /// <param name="purpose">What the program does, for its usage.</param>
    /// <param name="ownSwitch">The name of a switch of its own and what it means; null without one.</param>
    public static FuzzOptions? Read(string[] args, string purpose, (string Name, string Meaning)? ownSwitch = null)
    {
        var options = new FuzzOptions(1_000_000, 0, (ulong)Stopwatch.GetTimestamp(), null, false);
        for (var i = 0; i < args.Length; i++)
        {
            var value = i + 1 < args.Length ? args[i + 1] : null;
            if (ownSwitch is { } known && args[i] == known.Name)
            {
                options = options with { HasSwitch = true };
                continue;
            }

            if (options.With(args[i], value) is not { } next)
            {
                var own = ownSwitch is { } named ? $"\n  {named.Name,-16} {named.Meaning}" : string.Empty;
                Console.Error.WriteLine($"Cannot make sense of '{args[i]} {value}'.\n\n{purpose}\n\n{Common}{own}");
                return null;
            }

            options = next;
            i++;
        }

        return options;
    }

    private FuzzOptions? With(string name, string? value) => name switch
    {
        "--iterations" when long.TryParse(value, CultureInfo.InvariantCulture, out var count) && count > 0 => this with { Iterations = count },
        "--first" when long.TryParse(value, CultureInfo.InvariantCulture, out var first) && first >= 0 => this with { First = first },
        "--seed" when ulong.TryParse(value, CultureInfo.InvariantCulture, out var seed) => this with { Seed = seed },
        "--corpus" when value is not null => this with { Corpus = value },
        _ => null,
    };
}
