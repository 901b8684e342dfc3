using System.CommandLine;
using OrleansStream.Abstractions;
using OrleansStream.Cli.Invocation;
using OrleansStream.Cli.Terminal;

namespace OrleansStream.Cli.Cluster;

/// <summary><c>ostream cluster alter BROKER...</c>: configurations of brokers while they run.</summary>
internal static class ClusterAlterCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create(GlobalOptions global, CommandEnvironment environment)
    {
        var names = new Argument<string[]>("BROKER") { Description = $"Broker ids, or '{BrokerConfigs.AllBrokers}' for all that have no value of their own.", Arity = ArgumentArity.OneOrMore };
        var config = new Option<string[]>("--config") { Description = "Set a configuration; may be repeated.", HelpName = "KEY=VALUE" };
        var deleteConfig = new Option<string[]>("--delete-config") { Description = "Take back what was set; may be repeated.", HelpName = "KEY" };
        var command = new Command("alter", "Changes the configuration of brokers while they run.") { names, config, deleteConfig };
        command.SetAction(async (parse, cancellationToken) =>
        {
            var resources = parse.GetRequiredValue(names).Select(BrokerConfigs.Parse).ToArray();
            ConfigChange[] changes =
            [
                .. OptionValues.ParsePairs("--config", parse.GetValue(config)).Select(pair => new ConfigChange(pair.Key, ConfigOperation.Set, pair.Value)),
                .. (parse.GetValue(deleteConfig) ?? []).Select(key => new ConfigChange(key, ConfigOperation.Delete, null)),
            ];
            if (changes.Length == 0)
            {
                throw CommandFailedException.Usage("nothing to alter: give --config or --delete-config.");
            }

            await using var client = await global.ConnectAsync(parse, environment, cancellationToken).ConfigureAwait(false);
            var results = await client.Admin.AlterConfigsAsync(
                resources.Select(resource => new ConfigAlteration(resource, changes)), cancellationToken: cancellationToken).ConfigureAwait(false);
            var isJson = parse.GetValue(global.Json);
            foreach (var (resource, _) in resources.Zip(results).Where(pair => pair.Second.Error == ErrorCode.None))
            {
                Confirm(environment, isJson, resource);
            }

            // What could be altered is altered; the first refusal decides the exit code.
            return resources.Zip(results).FirstOrDefault(pair => pair.Second.Error != ErrorCode.None) is { Second: not null } refused
                ? throw new CommandFailedException(
                    $"the configuration of {BrokerConfigs.Name(refused.First)} was not altered: {refused.Second.ErrorMessage ?? refused.Second.Error.WireName()}")
                : ExitCode.Success;
        });
        return command;
    }

    private static void Confirm(CommandEnvironment environment, bool asJson, ConfigResource resource)
    {
        if (asJson)
        {
            JsonOutput.Write(environment.Output, json =>
            {
                json.WriteStartObject();
                json.WriteString("broker", resource.Name.Length == 0 ? BrokerConfigs.AllBrokers : resource.Name);
                json.WriteString("done", "altered");
                json.WriteEndObject();
            });
        }
        else
        {
            environment.Error.WriteLine($"{BrokerConfigs.Name(resource)} altered");
        }
    }
}
