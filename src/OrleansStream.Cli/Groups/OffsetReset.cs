using System.Globalization;
using OrleansStream.Cli.Invocation;
using OrleansStream.Client;

namespace OrleansStream.Cli.Groups;

/// <summary>Where offsets are to be set, as the command line says it.</summary>
internal sealed record OffsetReset
{
    private OffsetReset()
    {
    }

    /// <summary>A rule that the log answers, or an offset; null for another kind.</summary>
    public OffsetSpec? To { get; private init; }

    /// <summary>By how much to move on, or back if negative; null for another kind.</summary>
    public long? ShiftBy { get; private init; }

    /// <summary>The offsets themselves; null for another kind.</summary>
    public IReadOnlyDictionary<TopicPartition, long>? Offsets { get; private init; }

    /// <summary>Reads the options, of which exactly one has to be given.</summary>
    /// <exception cref="CommandFailedException">None is given, or several, or one makes no sense.</exception>
    public static OffsetReset Parse(bool toEarliest, bool toLatest, string? toTimestamp, long? toOffset, long? shiftBy, string? fromFile)
    {
        var given = (toEarliest ? 1 : 0) + (toLatest ? 1 : 0) + (toTimestamp is null ? 0 : 1) + (toOffset is null ? 0 : 1) + (shiftBy is null ? 0 : 1) + (fromFile is null ? 0 : 1);
        if (given != 1)
        {
            throw CommandFailedException.Usage("give one of --to-earliest, --to-latest, --to-timestamp, --to-offset, --shift-by and --from-file.");
        }

        return fromFile is not null ? new OffsetReset { Offsets = ReadFile(fromFile) }
            : shiftBy is not null ? new OffsetReset { ShiftBy = shiftBy }
            : new OffsetReset
            {
                To = toEarliest ? OffsetSpec.Earliest
                    : toLatest ? OffsetSpec.Latest
                    : toOffset is { } offset ? OffsetSpec.At(offset)
                    : OffsetSpec.AtTimestamp(Timestamps.Parse("--to-timestamp", toTimestamp!)),
            };
    }

    /// <summary>Reads lines of topic,partition,offset; empty ones and those that begin with # are left out.</summary>
    private static Dictionary<TopicPartition, long> ReadFile(string path)
    {
        var offsets = new Dictionary<TopicPartition, long>();
        var number = 0;
        foreach (var line in File.ReadLines(path))
        {
            number++;
            var text = line.Trim();
            if (text.Length == 0 || text[0] == '#')
            {
                continue;
            }

            var parts = text.Split(',');
            if (parts.Length != 3
                || parts[0].Trim().Trim('"') is not { Length: > 0 } topic
                || !int.TryParse(parts[1], NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var partition)
                || !long.TryParse(parts[2], NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var offset))
            {
                throw CommandFailedException.Usage($"line {number} of {path} is '{text}'; it must be TOPIC,PARTITION,OFFSET.");
            }

            if (!offsets.TryAdd(new TopicPartition(topic, partition), offset))
            {
                throw CommandFailedException.Usage($"line {number} of {path} names {topic}-{partition} again.");
            }
        }

        return offsets.Count > 0 ? offsets : throw CommandFailedException.Usage($"{path} has no line of TOPIC,PARTITION,OFFSET.");
    }
}
