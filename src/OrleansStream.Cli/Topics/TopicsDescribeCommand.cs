using System.CommandLine;
using OrleansStream.Abstractions;
using OrleansStream.Cli.Invocation;
using OrleansStream.Client;

namespace OrleansStream.Cli.Topics;

/// <summary><c>ostream topics describe [NAME...]</c>.</summary>
internal static class TopicsDescribeCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create(GlobalOptions global, CommandEnvironment environment)
    {
        var names = new Argument<string[]>("NAME") { Description = "The topics; all without one.", Arity = ArgumentArity.ZeroOrMore };
        var allConfigs = new Option<bool>("--all-configs") { Description = "Show configurations that have their default as well." };
        var command = new Command("describe", "Shows partitions, leaders, offsets, sizes and configuration of topics.") { names, allConfigs };
        command.SetAction(async (parse, cancellationToken) =>
        {
            await using var client = await global.ConnectAsync(parse, environment, cancellationToken).ConfigureAwait(false);
            var wanted = parse.GetValue(names) ?? [];
            var topics = wanted.Length == 0
                ? await client.Admin.ListTopicsAsync(cancellationToken: cancellationToken).ConfigureAwait(false)
                : await client.Admin.DescribeTopicsAsync(wanted, cancellationToken).ConfigureAwait(false);
            if (topics.FirstOrDefault(topic => topic.Error != ErrorCode.None) is { } failed)
            {
                throw new CommandFailedException(failed.Error == ErrorCode.UnknownTopicOrPartition
                    ? $"there is no topic '{failed.Name}'; `ostream topics list` shows those that are."
                    : $"topic '{failed.Name}' cannot be described: {failed.Error}.");
            }

            var descriptions = await DescribeAsync(client.Admin, topics, parse.GetValue(allConfigs), cancellationToken).ConfigureAwait(false);
            if (parse.GetValue(global.Json))
            {
                TopicDescription.WriteJson(environment.Output, descriptions);
            }
            else
            {
                using var text = environment.OpenText();
                TopicDescription.WriteText(text, descriptions);
            }

            return ExitCode.Success;
        });
        return command;
    }

    private static async Task<IReadOnlyList<TopicDescription>> DescribeAsync(
        IAdminClient admin,
        IReadOnlyList<TopicMetadata> topics,
        bool allConfigs,
        CancellationToken cancellationToken)
    {
        if (topics.Count == 0)
        {
            return [];
        }

        var replicas = await admin.DescribeReplicasAsync(topics.Select(topic => topic.Name), cancellationToken).ConfigureAwait(false);
        var configs = await admin.DescribeConfigsAsync(
            topics.Select(topic => new ConfigResource(ConfigResourceType.Topic, topic.Name)),
            cancellationToken).ConfigureAwait(false);
        var replicasOf = replicas.ToLookup(replica => replica.Topic);
        var configsOf = configs.ToDictionary(config => config.Resource.Name);
        return [.. topics.Select(topic => new TopicDescription(
            topic,
            [.. replicasOf[topic.Name]],
            [.. configsOf[topic.Name].Entries.Where(entry => allConfigs || entry.Source == ConfigSource.DynamicTopicConfig)]))];
    }
}
