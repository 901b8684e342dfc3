using System.CommandLine;
using System.Globalization;
using OrleansStream.Abstractions;
using OrleansStream.Cli.Groups;
using OrleansStream.Cli.Invocation;
using OrleansStream.Cli.Terminal;
using OrleansStream.Client;

namespace OrleansStream.Cli.Topics;

/// <summary><c>ostream topics elect-leaders [TOPIC...]</c>.</summary>
internal static class TopicsElectLeadersCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create(GlobalOptions global, CommandEnvironment environment)
    {
        var names = new Argument<string[]>("TOPIC") { Description = "A topic, or TOPIC:P,P for some of its partitions; without one, all partitions that need it.", Arity = ArgumentArity.ZeroOrMore };
        var unclean = new Option<bool>("--unclean") { Description = "Let any live replica lead a partition that has no leader. Records that it does not hold are LOST. Needs TOPIC." };
        var command = new Command("elect-leaders", "Moves leadership back to the preferred replicas.") { names, unclean };
        command.SetAction(async (parse, cancellationToken) =>
        {
            var wanted = (parse.GetValue(names) ?? []).Select(TopicSelection.Parse).ToArray();
            var isUnclean = parse.GetValue(unclean);
            if (isUnclean && wanted.Length == 0)
            {
                throw CommandFailedException.Usage("--unclean loses records; name the topics.");
            }

            await using var client = await global.ConnectAsync(parse, environment, cancellationToken).ConfigureAwait(false);
            var partitions = wanted.Length == 0 ? null : await PartitionsAsync(client.Admin, wanted, cancellationToken).ConfigureAwait(false);
            var outcomes = await client.Admin.ElectLeadersAsync(partitions, isUnclean, cancellationToken: cancellationToken).ConfigureAwait(false);
            Show(environment, parse.GetValue(global.Json), outcomes);
            return outcomes.FirstOrDefault(outcome => outcome.Error is not (ErrorCode.None or ErrorCode.ElectionNotNeeded)) is { } failed
                ? throw new CommandFailedException(
                    $"no leader was elected for {failed.Topic}-{failed.Partition}: {failed.ErrorMessage ?? failed.Error.WireName()}")
                : ExitCode.Success;
        });
        return command;
    }

    private static async Task<TopicPartition[]> PartitionsAsync(IAdminClient admin, TopicSelection[] wanted, CancellationToken cancellationToken)
    {
        var topics = await admin.DescribeTopicsAsync(wanted.Select(selection => selection.Topic), cancellationToken).ConfigureAwait(false);
        return topics.FirstOrDefault(topic => topic.Error != ErrorCode.None) is { } unknown
            ? throw new CommandFailedException($"there is no topic '{unknown.Name}'; `ostream topics list` shows those that are.")
            : [.. wanted.Zip(topics, (selection, topic) => selection.Of(topic.Partitions.Length)).SelectMany(partitions => partitions).Distinct()];
    }

    private static void Show(CommandEnvironment environment, bool asJson, IReadOnlyList<PartitionOutcome> outcomes)
    {
        if (asJson)
        {
            JsonOutput.Write(environment.Output, json =>
            {
                json.WriteStartArray();
                foreach (var outcome in outcomes)
                {
                    json.WriteStartObject();
                    json.WriteString("topic", outcome.Topic);
                    json.WriteNumber("partition", outcome.Partition);
                    json.WriteString("error", outcome.Error.WireName());
                    json.WriteString("message", outcome.ErrorMessage);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
            });
            return;
        }

        using (var text = environment.OpenText())
        {
            var table = new TextTable("TOPIC", "PARTITION", "OUTCOME");
            foreach (var outcome in outcomes)
            {
                table.Add(outcome.Topic, outcome.Partition.ToString(CultureInfo.InvariantCulture), outcome.Error switch
                {
                    ErrorCode.None => "elected",
                    ErrorCode.ElectionNotNeeded => "not needed",
                    var error => outcome.ErrorMessage ?? error.WireName(),
                });
            }

            table.WriteTo(text);
        }

        environment.Error.WriteLine($"{Quantity.Of(outcomes.Count(outcome => outcome.Error == ErrorCode.None), "leader")} elected");
    }
}
