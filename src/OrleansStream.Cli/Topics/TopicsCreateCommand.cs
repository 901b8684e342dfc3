using System.CommandLine;
using OrleansStream.Cli.Invocation;
using OrleansStream.Client;

namespace OrleansStream.Cli.Topics;

/// <summary><c>ostream topics create NAME</c>.</summary>
internal static class TopicsCreateCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create(GlobalOptions global, CommandEnvironment environment)
    {
        var name = new Argument<string>("NAME") { Description = "The topic's name: 1 to 249 of a-z, A-Z, 0-9, '.', '_' and '-'." };
        var partitions = OptionValues.Number("--partitions", "N", 1, "The number of partitions; without it the broker's num.partitions.");
        var replicationFactor = OptionValues.Number("--replication-factor", "N", 1, short.MaxValue, "The number of replicas; without it the broker's default.replication.factor.");
        var config = new Option<string[]>("--config") { Description = "A topic configuration by Kafka's key; may be repeated.", HelpName = "KEY=VALUE" };
        var ifNotExists = new Option<bool>("--if-not-exists") { Description = "Succeed if there is such a topic already." };

        var command = new Command("create", "Creates a topic.") { name, partitions, replicationFactor, config, ifNotExists };
        command.SetAction(async (parse, cancellationToken) =>
        {
            var topic = new TopicSpecification(
                parse.GetRequiredValue(name),
                parse.GetValue(partitions) ?? -1,
                (short)(parse.GetValue(replicationFactor) ?? -1))
            {
                Configs = OptionValues.ParsePairs("--config", parse.GetValue(config)),
            };
            await using var client = await global.ConnectAsync(parse, environment, cancellationToken).ConfigureAwait(false);
            var result = (await client.Admin.CreateTopicsAsync([topic], cancellationToken: cancellationToken).ConfigureAwait(false))[0];
            if (result.Error == ErrorCode.TopicAlreadyExists && parse.GetValue(ifNotExists))
            {
                TopicsCommand.Confirm(environment, parse.GetValue(global.Json), topic.Name, "exists already");
                return ExitCode.Success;
            }

            if (result.Error != ErrorCode.None)
            {
                throw TopicsCommand.Refused("created", result);
            }

            TopicsCommand.Confirm(environment, parse.GetValue(global.Json), topic.Name, "created");
            return ExitCode.Success;
        });
        return command;
    }
}
