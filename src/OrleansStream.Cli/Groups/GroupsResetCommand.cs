using System.CommandLine;
using System.Globalization;
using OrleansStream.Cli.Invocation;
using OrleansStream.Cli.Terminal;
using OrleansStream.Client;

namespace OrleansStream.Cli.Groups;

/// <summary><c>ostream groups reset-offsets GROUP</c>: shows what would be stored, and stores it with <c>--execute</c>.</summary>
internal static class GroupsResetCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create(GlobalOptions global, CommandEnvironment environment)
    {
        var name = new Argument<string>("GROUP") { Description = "The group. It may be a new one." };
        var topics = new Option<string[]>("--topic") { Description = "A topic, or TOPIC:P,P for some of its partitions; may be repeated. Without it: all topics that the group has offsets of.", HelpName = "TOPIC" };
        var toEarliest = new Option<bool>("--to-earliest") { Description = "To the first record that is there." };
        var toLatest = new Option<bool>("--to-latest") { Description = "To the end." };
        var toTimestamp = new Option<string>("--to-timestamp") { Description = "To the first record from this time on: Unix milliseconds or ISO 8601.", HelpName = "TIME" };
        var toOffset = OptionValues.Number("--to-offset", "N", 0L, "To this offset.");
        var shiftBy = OptionValues.Number("--shift-by", "N", -long.MaxValue, "On by so many records, or back with a negative number.");
        var fromFile = new Option<string>("--from-file") { Description = "To what a file says, in lines of TOPIC,PARTITION,OFFSET.", HelpName = "FILE" };
        var execute = new Option<bool>("--execute") { Description = "Store the offsets; without it they are only shown." };
        var command = new Command("reset-offsets", "Sets the committed offsets of a group without members; a dry run unless --execute is given.")
        {
            name, topics, toEarliest, toLatest, toTimestamp, toOffset, shiftBy, fromFile, execute,
        };
        command.SetAction(async (parse, cancellationToken) =>
        {
            var group = parse.GetRequiredValue(name);
            var wanted = (parse.GetValue(topics) ?? []).Select(TopicSelection.Parse).ToArray();
            var reset = OffsetReset.Parse(
                parse.GetValue(toEarliest), parse.GetValue(toLatest), parse.GetValue(toTimestamp), parse.GetValue(toOffset), parse.GetValue(shiftBy), parse.GetValue(fromFile));
            if (reset.Offsets is not null && wanted.Length > 0)
            {
                throw CommandFailedException.Usage("--topic and --from-file exclude each other: the file says which partitions.");
            }

            await using var client = await global.ConnectAsync(parse, environment, cancellationToken).ConfigureAwait(false);
            var plan = await new OffsetResetPlanner(client.Admin, environment.Error).PlanAsync(group, wanted, reset, cancellationToken).ConfigureAwait(false);
            var isExecuted = parse.GetValue(execute);
            if (isExecuted)
            {
                await StoreAsync(client.Admin, group, plan, cancellationToken).ConfigureAwait(false);
            }

            Show(environment, parse.GetValue(global.Json), group, plan, isExecuted);
            return ExitCode.Success;
        });
        return command;
    }

    private static async Task StoreAsync(IAdminClient admin, string group, IReadOnlyList<OffsetChange> plan, CancellationToken cancellationToken)
    {
        var state = (await admin.DescribeGroupsAsync([group], cancellationToken).ConfigureAwait(false))[0];
        if (state.Members.Count > 0)
        {
            throw new CommandFailedException($"group '{group}' has {Quantity.Of(state.Members.Count, "member")}; stop them before its offsets are reset.");
        }

        var outcome = await admin.AlterGroupOffsetsAsync(
            group,
            plan.ToDictionary(change => change.TopicPartition, change => new CommittedOffset(change.New)),
            cancellationToken).ConfigureAwait(false);
        foreach (var (partition, error) in outcome.OrderBy(entry => entry.Key))
        {
            if (error != ErrorCode.None)
            {
                throw new CommandFailedException(error is ErrorCode.UnknownMemberId or ErrorCode.IllegalGeneration
                    ? $"group '{group}' has got members meanwhile; stop them before its offsets are reset."
                    : $"the offset of {partition} was not stored: {error.WireName()}.");
            }
        }
    }

    private static void Show(CommandEnvironment environment, bool asJson, string group, IReadOnlyList<OffsetChange> plan, bool isExecuted)
    {
        if (asJson)
        {
            JsonOutput.Write(environment.Output, json =>
            {
                json.WriteStartObject();
                json.WriteString("group", group);
                json.WriteBoolean("executed", isExecuted);
                json.WriteStartArray("offsets");
                foreach (var change in plan)
                {
                    json.WriteStartObject();
                    json.WriteString("topic", change.TopicPartition.Topic);
                    json.WriteNumber("partition", change.TopicPartition.Partition);
                    if (change.Current is { } current)
                    {
                        json.WriteNumber("currentOffset", current);
                    }
                    else
                    {
                        json.WriteNull("currentOffset");
                    }

                    json.WriteNumber("newOffset", change.New);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
                json.WriteEndObject();
            });
            return;
        }

        using (var text = environment.OpenText())
        {
            var table = new TextTable("TOPIC", "PARTITION", "CURRENT", "NEW");
            foreach (var change in plan)
            {
                table.Add(
                    change.TopicPartition.Topic,
                    change.TopicPartition.Partition.ToString(CultureInfo.InvariantCulture),
                    change.Current?.ToString(CultureInfo.InvariantCulture) ?? "-",
                    change.New.ToString(CultureInfo.InvariantCulture));
            }

            table.WriteTo(text);
        }

        environment.Error.WriteLine(isExecuted
            ? $"{Quantity.Of(plan.Count, "offset")} of group '{group}' stored"
            : "dry run: nothing was stored; --execute stores it");
    }
}
