using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Numerics;
using OrleansStream.Client;

namespace OrleansStream.Cli.Invocation;

/// <summary>Options that several commands share, and how their values are read.</summary>
internal static class OptionValues
{
    /// <summary><c>--acks all|1|0</c>.</summary>
    public static Option<Acks?> Acks() => new("--acks")
    {
        Description = "When a record counts as delivered: all (the default: on stable storage of every in-sync replica), 1 (of the leader), 0 (sent).",
        HelpName = "all|1|0",
        CustomParser = result => Parse(result, "all (or -1), 1 or 0", text => text switch
        {
            "all" or "-1" => Client.Acks.All,
            "1" => Client.Acks.Leader,
            "0" => Client.Acks.None,
            _ => (Acks?)null,
        }),
    };

    /// <summary><c>--compression none|gzip|snappy|lz4|zstd</c>.</summary>
    public static Option<CompressionType?> Compression() => new("--compression")
    {
        Description = "How batches are compressed; none by default.",
        HelpName = "none|gzip|snappy|lz4|zstd",
        CustomParser = result => Parse(result, "none, gzip, snappy, lz4 or zstd", text => text switch
        {
            "none" => CompressionType.None,
            "gzip" => CompressionType.Gzip,
            "snappy" => CompressionType.Snappy,
            "lz4" => CompressionType.Lz4,
            "zstd" => CompressionType.Zstd,
            _ => (CompressionType?)null,
        }),
    };

    /// <summary><c>--linger-ms</c>.</summary>
    public static Option<int?> LingerMs() => Number("--linger-ms", "MS", 0, "How long a batch that is not full waits for more.");

    /// <summary><c>--batch-size</c>.</summary>
    public static Option<int?> BatchSize() => Number("--batch-size", "BYTES", ProducerOptionsValidator.MinBatchSize, "The most bytes in one batch.");

    /// <summary>An option whose value is a whole number of at least <paramref name="least"/>.</summary>
    public static Option<T?> Number<T>(string name, string helpName, T least, string description)
        where T : struct, IBinaryInteger<T>, IMinMaxValue<T> => Number(name, helpName, least, T.MaxValue, description);

    /// <summary>An option whose value is a whole number from <paramref name="least"/> to <paramref name="most"/>.</summary>
    public static Option<T?> Number<T>(string name, string helpName, T least, T most, string description)
        where T : struct, IBinaryInteger<T> => new(name)
        {
            Description = description,
            HelpName = helpName,
            CustomParser = result => Parse(
                result,
                string.Create(CultureInfo.InvariantCulture, $"a whole number from {least} to {most}"),
                text => T.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most ? value : (T?)null),
        };

    /// <summary>Reads <c>KEY=VALUE</c> pairs; a later one of the same key wins.</summary>
    /// <exception cref="CommandFailedException">A pair has no <c>=</c> or no key.</exception>
    public static Dictionary<string, string> ParsePairs(string option, string[]? pairs)
    {
        var parsed = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var pair in pairs ?? [])
        {
            var (key, value) = ParsePair(option, pair);
            parsed[key] = value;
        }

        return parsed;
    }

    /// <summary>Reads one <c>KEY=VALUE</c>.</summary>
    /// <exception cref="CommandFailedException">It has no <c>=</c> or no key.</exception>
    public static (string Key, string Value) ParsePair(string option, string pair)
    {
        var equals = pair.IndexOf('=', StringComparison.Ordinal);
        return equals > 0
            ? (pair[..equals], pair[(equals + 1)..])
            : throw CommandFailedException.Usage($"{option} '{pair}' is not KEY=VALUE.");
    }

    private static T? Parse<T>(ArgumentResult result, string expected, Func<string, T?> parse)
        where T : struct
    {
        var text = result.Tokens.Count > 0 ? result.Tokens[^1].Value : "";
        if (parse(text) is { } value)
        {
            return value;
        }

        var name = (result.Parent as OptionResult)?.Option.Name ?? result.Argument.Name;
        result.AddError($"{name} is '{text}'; it must be {expected}.");
        return default;
    }
}
