using System.CommandLine;
using OrleansStream.Cli.Invocation;
using OrleansStream.Cli.Terminal;

namespace OrleansStream.Cli.Topics;

/// <summary><c>ostream topics list</c>: one name a line.</summary>
internal static class TopicsListCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create(GlobalOptions global, CommandEnvironment environment)
    {
        var includeInternal = new Option<bool>("--internal") { Description = "Show the platform's own topics as well." };
        var command = new Command("list", "Lists the topics, one name a line.") { includeInternal };
        command.SetAction(async (parse, cancellationToken) =>
        {
            await using var client = await global.ConnectAsync(parse, environment, cancellationToken).ConfigureAwait(false);
            var topics = await client.Admin.ListTopicsAsync(parse.GetValue(includeInternal), cancellationToken).ConfigureAwait(false);
            if (parse.GetValue(global.Json))
            {
                JsonOutput.Write(environment.Output, json =>
                {
                    json.WriteStartArray();
                    foreach (var topic in topics)
                    {
                        json.WriteStartObject();
                        json.WriteString("name", topic.Name);
                        json.WriteString("topicId", topic.TopicId);
                        json.WriteNumber("partitions", topic.Partitions.Length);
                        json.WriteNumber("replicationFactor", topic.Partitions.Length == 0 ? 0 : topic.Partitions[0].Replicas.Length);
                        json.WriteBoolean("internal", topic.IsInternal);
                        json.WriteEndObject();
                    }

                    json.WriteEndArray();
                });
                return ExitCode.Success;
            }

            using var text = environment.OpenText();
            foreach (var topic in topics)
            {
                text.WriteLine(topic.Name);
            }

            return ExitCode.Success;
        });
        return command;
    }
}
