using System.CommandLine;
using System.Globalization;
using OrleansStream.Abstractions;
using OrleansStream.Cli.Invocation;
using OrleansStream.Cli.Terminal;

namespace OrleansStream.Cli.Cluster;

/// <summary><c>ostream cluster configs [BROKER...]</c>.</summary>
internal static class ClusterConfigsCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create(GlobalOptions global, CommandEnvironment environment)
    {
        var names = new Argument<string[]>("BROKER") { Description = $"Broker ids, or '{BrokerConfigs.AllBrokers}' for what is set for all; every broker without one.", Arity = ArgumentArity.ZeroOrMore };
        var allConfigs = new Option<bool>("--all-configs") { Description = "Show configurations that have their default as well." };
        var command = new Command("configs", "Shows the configuration of brokers.") { names, allConfigs };
        command.SetAction(async (parse, cancellationToken) =>
        {
            ConfigResource[] wanted = [.. (parse.GetValue(names) ?? []).Select(BrokerConfigs.Parse)];
            await using var client = await global.ConnectAsync(parse, environment, cancellationToken).ConfigureAwait(false);
            if (wanted.Length == 0)
            {
                var cluster = await client.Admin.DescribeClusterAsync(cancellationToken).ConfigureAwait(false);
                wanted = [.. cluster.Brokers.Select(broker => BrokerConfigs.Parse(broker.BrokerId.ToString(CultureInfo.InvariantCulture)))];
            }

            var described = await client.Admin.DescribeConfigsAsync(wanted, cancellationToken).ConfigureAwait(false);
            if (described.FirstOrDefault(description => description.Error != ErrorCode.None) is { } failed)
            {
                throw new CommandFailedException(
                    $"the configuration of {BrokerConfigs.Name(failed.Resource)} cannot be read: {failed.ErrorMessage ?? failed.Error.WireName()}");
            }

            var isAll = parse.GetValue(allConfigs);
            Show(environment, parse.GetValue(global.Json), [.. described.Select(description => (
                description.Resource,
                description.Entries.Where(entry => isAll || entry.Source != ConfigSource.DefaultConfig).ToArray()))]);
            return ExitCode.Success;
        });
        return command;
    }

    private static void Show(CommandEnvironment environment, bool asJson, (ConfigResource Resource, ConfigEntry[] Entries)[] described)
    {
        if (asJson)
        {
            JsonOutput.Write(environment.Output, json =>
            {
                json.WriteStartArray();
                foreach (var (resource, entries) in described)
                {
                    json.WriteStartObject();
                    json.WriteString("broker", resource.Name.Length == 0 ? BrokerConfigs.AllBrokers : resource.Name);
                    json.WriteStartArray("configs");
                    foreach (var entry in entries)
                    {
                        json.WriteStartObject();
                        json.WriteString("name", entry.Name);
                        json.WriteString("value", entry.IsSensitive ? null : entry.Value);
                        json.WriteString("source", entry.Source.ToString());
                        json.WriteBoolean("readOnly", entry.IsReadOnly);
                        json.WriteEndObject();
                    }

                    json.WriteEndArray();
                    json.WriteEndObject();
                }

                json.WriteEndArray();
            });
            return;
        }

        using var text = environment.OpenText();
        for (var i = 0; i < described.Length; i++)
        {
            var (resource, entries) = described[i];
            text.WriteLine($"{(i > 0 ? "\n" : "")}{BrokerConfigs.Name(resource)}");
            foreach (var entry in entries)
            {
                text.WriteLine($"  {entry.Name}={(entry.IsSensitive ? "(hidden)" : entry.Value)}{Origin(entry.Source)}");
            }
        }
    }

    private static string Origin(ConfigSource source) => source switch
    {
        ConfigSource.DynamicBrokerConfig => "",
        ConfigSource.DynamicDefaultBrokerConfig => "  (set for all brokers)",
        ConfigSource.StaticBrokerConfig => "  (given at the start)",
        _ => "  (default)",
    };
}
