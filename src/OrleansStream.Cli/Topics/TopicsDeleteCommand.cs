using System.CommandLine;
using OrleansStream.Cli.Invocation;

namespace OrleansStream.Cli.Topics;

/// <summary><c>ostream topics delete NAME...</c>.</summary>
internal static class TopicsDeleteCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create(GlobalOptions global, CommandEnvironment environment)
    {
        var names = new Argument<string[]>("NAME") { Description = "The topics.", Arity = ArgumentArity.OneOrMore };
        var command = new Command("delete", "Deletes topics with their data.") { names };
        command.SetAction(async (parse, cancellationToken) =>
        {
            await using var client = await global.ConnectAsync(parse, environment, cancellationToken).ConfigureAwait(false);
            var results = await client.Admin.DeleteTopicsAsync(parse.GetRequiredValue(names), cancellationToken: cancellationToken).ConfigureAwait(false);
            foreach (var result in results.Where(result => result.Error == ErrorCode.None))
            {
                TopicsCommand.Confirm(environment, parse.GetValue(global.Json), result.Name, "deleted");
            }

            // What could be deleted is deleted; the first refusal decides the exit code.
            return results.FirstOrDefault(result => result.Error != ErrorCode.None) is { } refused
                ? throw TopicsCommand.Refused("deleted", refused)
                : ExitCode.Success;
        });
        return command;
    }
}
