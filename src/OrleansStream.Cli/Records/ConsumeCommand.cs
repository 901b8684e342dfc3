using System.CommandLine;
using OrleansStream.Cli.Invocation;
using OrleansStream.Cli.Terminal;
using OrleansStream.Client;

namespace OrleansStream.Cli.Records;

/// <summary><c>ostream consume TOPIC</c>: the values of records, byte for byte, each followed by a newline.</summary>
internal static class ConsumeCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create(GlobalOptions global, CommandEnvironment environment)
    {
        var topic = new Argument<string>("TOPIC") { Description = "The topic." };
        var group = new Option<string>("--group") { Description = "Share the partitions with the other members of this consumer group, start where it has committed, and commit what is written.", HelpName = "GROUP" };
        var assignor = new Option<string[]>("--assignor")
        {
            Description = $"With --group: how the group divides partitions, preferred way first ({string.Join(", ", PartitionAssignors.ByName.Keys)}); by default whatever the other members know.",
            HelpName = "NAME",
        };
        var protocol = new Option<string>("--group-protocol") { Description = "With --group: classic (the default), or consumer, where the broker assigns (KIP-848).", HelpName = "classic|consumer" };
        var fromBeginning = new Option<bool>("--from-beginning") { Description = "Start at the first record; without it only new records are shown." };
        var offset = OptionValues.Number("--offset", "N", 0L, "Start at this offset (with --partition, unless the topic has one partition).");
        var timestamp = new Option<string>("--timestamp") { Description = "Start at the first record from this time on: Unix milliseconds or ISO 8601.", HelpName = "TIME" };
        var partition = OptionValues.Number("--partition", "N", 0, "Only this partition.");
        var max = OptionValues.Number("--max", "N", 0L, "End after so many records.");
        var exitAtEnd = new Option<bool>("--exit-at-end") { Description = "End at the end that the topic has now instead of waiting for more." };
        var printKey = new Option<bool>("--print-key") { Description = "Write the key before the value." };
        var keySeparator = new Option<string>("--key-separator") { Description = "What stands between the parts of a line; knows \\t, \\0 and \\xHH.", HelpName = "TEXT", DefaultValueFactory = _ => "\\t" };
        var printHeaders = new Option<bool>("--print-headers") { Description = "Write the headers, as k:v,k:v." };
        var printTimestamp = new Option<bool>("--print-timestamp") { Description = "Write the timestamp in Unix milliseconds." };
        var printPartition = new Option<bool>("--print-partition") { Description = "Write the partition." };
        var printOffset = new Option<bool>("--print-offset") { Description = "Write the offset." };

        var command = new Command("consume", "Writes the values of records to stdout, byte for byte, one a line.")
        {
            topic, group, assignor, protocol, fromBeginning, offset, timestamp, partition, max, exitAtEnd,
            printKey, keySeparator, printHeaders, printTimestamp, printPartition, printOffset,
        };
        command.SetAction(async (parse, cancellationToken) =>
        {
            if (parse.GetValue(group) is { } groupName)
            {
                CheckGroup(groupName, parse.GetValue(partition), parse.GetValue(offset), parse.GetValue(timestamp));
            }

            var request = new ConsumeRequest
            {
                Topic = parse.GetRequiredValue(topic),
                Group = parse.GetValue(group),
                Assignors = FindAssignors(parse.GetValue(assignor) ?? []),
                GroupProtocol = parse.GetValue(protocol) switch
                {
                    null or "classic" => GroupProtocol.Classic,
                    "consumer" => GroupProtocol.Consumer,
                    var other => throw CommandFailedException.Usage($"--group-protocol is '{other}'; it must be classic or consumer."),
                },
                Partition = parse.GetValue(partition),
                Start = ConsumeStart.Parse(parse.GetValue(fromBeginning), parse.GetValue(offset), parse.GetValue(timestamp)),
                OffsetIsGiven = parse.GetValue(offset) is not null,
                MaxRecords = parse.GetValue(max),
                ExitAtEnd = parse.GetValue(exitAtEnd),
            };
            var writer = new RecordWriter(environment.Output);
            IRecordFormat format = parse.GetValue(global.Json)
                ? new JsonRecordFormat(writer)
                : new TextRecordFormat(writer, Delimiter.Parse("--key-separator", parse.GetValue(keySeparator)!))
                {
                    PrintKey = parse.GetValue(printKey),
                    PrintHeaders = parse.GetValue(printHeaders),
                    PrintTimestamp = parse.GetValue(printTimestamp),
                    PrintPartition = parse.GetValue(printPartition),
                    PrintOffset = parse.GetValue(printOffset),
                };

            await using var client = await global.ConnectAsync(parse, environment, cancellationToken).ConfigureAwait(false);
            await RecordPrinter.RunAsync(client, request, format, writer, environment, cancellationToken).ConfigureAwait(false);
            return ExitCode.Success;
        });
        return command;
    }

    private static IReadOnlyList<IPartitionAssignor> FindAssignors(string[] names)
        => names.Length == 0
            ? [PartitionAssignors.Range, PartitionAssignors.RoundRobin, PartitionAssignors.CooperativeSticky, PartitionAssignors.KafkaJsRoundRobin]
            :
            [
                .. names.SelectMany(name => name.Split(',', StringSplitOptions.TrimEntries)).Distinct(StringComparer.Ordinal)
                    .Select(name => PartitionAssignors.ByName.GetValueOrDefault(name)
                        ?? throw CommandFailedException.Usage($"--assignor is '{name}'; it must be one of {string.Join(", ", PartitionAssignors.ByName.Keys)}.")),
            ];

    private static void CheckGroup(string group, int? partition, long? offset, string? timestamp)
    {
        if (group.Length == 0)
        {
            throw CommandFailedException.Usage("--group is empty; give the group's name.");
        }

        if (partition is not null)
        {
            throw CommandFailedException.Usage("--partition and --group exclude each other: the group says which partitions this member reads.");
        }

        if (offset is not null || timestamp is not null)
        {
            throw CommandFailedException.Usage(
                $"{(offset is null ? "--timestamp" : "--offset")} and --group exclude each other: a group starts where it has committed; `ostream groups reset-offsets {group}` changes that.");
        }
    }
}
