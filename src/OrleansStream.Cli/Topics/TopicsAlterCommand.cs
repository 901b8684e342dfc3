using System.CommandLine;
using OrleansStream.Abstractions;
using OrleansStream.Cli.Invocation;

namespace OrleansStream.Cli.Topics;

/// <summary><c>ostream topics alter NAME</c>.</summary>
internal static class TopicsAlterCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create(GlobalOptions global, CommandEnvironment environment)
    {
        var name = new Argument<string>("NAME") { Description = "The topic." };
        var partitions = OptionValues.Number("--partitions", "N", 1, "The new number of partitions; it can only grow.");
        var config = new Option<string[]>("--config") { Description = "Set a configuration; may be repeated.", HelpName = "KEY=VALUE" };
        var deleteConfig = new Option<string[]>("--delete-config") { Description = "Take a configuration back to its default; may be repeated.", HelpName = "KEY" };

        var command = new Command("alter", "Adds partitions to a topic, or changes its configuration.") { name, partitions, config, deleteConfig };
        command.SetAction(async (parse, cancellationToken) =>
        {
            var topic = parse.GetRequiredValue(name);
            var count = parse.GetValue(partitions);
            ConfigChange[] changes =
            [
                .. OptionValues.ParsePairs("--config", parse.GetValue(config)).Select(pair => new ConfigChange(pair.Key, ConfigOperation.Set, pair.Value)),
                .. (parse.GetValue(deleteConfig) ?? []).Select(key => new ConfigChange(key, ConfigOperation.Delete, null)),
            ];
            if (count is null && changes.Length == 0)
            {
                throw CommandFailedException.Usage("nothing to alter: give --partitions, --config or --delete-config.");
            }

            await using var client = await global.ConnectAsync(parse, environment, cancellationToken).ConfigureAwait(false);
            if (changes.Length > 0)
            {
                var alteration = new ConfigAlteration(new ConfigResource(ConfigResourceType.Topic, topic), changes);
                var results = await client.Admin.AlterConfigsAsync([alteration], cancellationToken: cancellationToken).ConfigureAwait(false);
                ThrowIfRefused(results[0]);
            }

            if (count is { } total)
            {
                ThrowIfRefused(await client.Admin.CreatePartitionsAsync(topic, total, cancellationToken: cancellationToken).ConfigureAwait(false));
            }

            TopicsCommand.Confirm(environment, parse.GetValue(global.Json), topic, "altered");
            return ExitCode.Success;
        });
        return command;
    }

    private static void ThrowIfRefused(TopicResult result)
    {
        if (result.Error != ErrorCode.None)
        {
            throw TopicsCommand.Refused("altered", result);
        }
    }
}
