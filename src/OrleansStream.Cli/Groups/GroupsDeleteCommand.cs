using System.CommandLine;
using OrleansStream.Cli.Invocation;
using OrleansStream.Cli.Terminal;

namespace OrleansStream.Cli.Groups;

/// <summary><c>ostream groups delete GROUP...</c>.</summary>
internal static class GroupsDeleteCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create(GlobalOptions global, CommandEnvironment environment)
    {
        var names = new Argument<string[]>("GROUP") { Description = "The groups.", Arity = ArgumentArity.OneOrMore };
        var command = new Command("delete", "Deletes groups without members, with their offsets.") { names };
        command.SetAction(async (parse, cancellationToken) =>
        {
            await using var client = await global.ConnectAsync(parse, environment, cancellationToken).ConfigureAwait(false);
            var results = await client.Admin.DeleteGroupsAsync(parse.GetRequiredValue(names), cancellationToken).ConfigureAwait(false);
            foreach (var result in results.Where(result => result.Error == ErrorCode.None))
            {
                if (!parse.GetValue(global.Json))
                {
                    environment.Error.WriteLine($"group '{result.GroupId}' deleted");
                    continue;
                }

                JsonOutput.Write(environment.Output, json =>
                {
                    json.WriteStartObject();
                    json.WriteString("group", result.GroupId);
                    json.WriteString("done", "deleted");
                    json.WriteEndObject();
                });
            }

            // What could be deleted is deleted; the first refusal decides the exit code.
            return results.FirstOrDefault(result => result.Error != ErrorCode.None) is { } refused
                ? throw GroupsCommand.Refused(refused.GroupId, "deleted", refused.Error)
                : ExitCode.Success;
        });
        return command;
    }
}
