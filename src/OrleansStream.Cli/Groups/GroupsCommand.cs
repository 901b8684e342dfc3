using System.CommandLine;
using OrleansStream.Cli.Invocation;

namespace OrleansStream.Cli.Groups;

/// <summary><c>ostream groups</c>.</summary>
internal static class GroupsCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create(GlobalOptions global, CommandEnvironment environment) =>
        new("groups", "Lists, describes and deletes consumer groups, and resets their offsets.")
        {
            GroupsListCommand.Create(global, environment),
            GroupsDescribeCommand.Create(global, environment),
            GroupsResetCommand.Create(global, environment),
            GroupsDeleteCommand.Create(global, environment),
        };

    /// <summary>The failure that an error code stands for.</summary>
    public static CommandFailedException Refused(string group, string operation, ErrorCode error) => new(error switch
    {
        ErrorCode.GroupIdNotFound => $"there is no group '{group}'; `ostream groups list` shows those that are.",
        ErrorCode.NonEmptyGroup => $"group '{group}' was not {operation}: it has members; stop them first.",
        _ => $"group '{group}' was not {operation}: {error.WireName()}.",
    });
}
