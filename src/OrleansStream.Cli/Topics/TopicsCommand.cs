using System.CommandLine;
using OrleansStream.Abstractions;
using OrleansStream.Cli.Invocation;
using OrleansStream.Cli.Reassignments;
using OrleansStream.Cli.Terminal;

namespace OrleansStream.Cli.Topics;

/// <summary><c>ostream topics</c>.</summary>
internal static class TopicsCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create(GlobalOptions global, CommandEnvironment environment) =>
        new("topics", "Creates, lists, describes, alters, moves and deletes topics.")
        {
            TopicsCreateCommand.Create(global, environment),
            TopicsListCommand.Create(global, environment),
            TopicsDescribeCommand.Create(global, environment),
            TopicsAlterCommand.Create(global, environment),
            TopicsDeleteCommand.Create(global, environment),
            ReassignCommand.Create(global, environment),
            ReassignmentsCommand.Create(global, environment),
            TopicsElectLeadersCommand.Create(global, environment),
        };

    /// <summary>The failure that a broker's answer stands for.</summary>
    public static CommandFailedException Refused(string operation, TopicResult result) =>
        new($"topic '{result.Name}' was not {operation}: {result.ErrorMessage ?? result.Error.ToString()}");

    /// <summary>Says on stderr what was done, or with --json on stdout.</summary>
    public static void Confirm(CommandEnvironment environment, bool asJson, string topic, string operation)
    {
        if (asJson)
        {
            JsonOutput.Write(environment.Output, json =>
            {
                json.WriteStartObject();
                json.WriteString("topic", topic);
                json.WriteString("done", operation);
                json.WriteEndObject();
            });
        }
        else
        {
            environment.Error.WriteLine($"topic '{topic}' {operation}");
        }
    }
}
