using System.CommandLine;
using OrleansStream.Cli.Invocation;
using OrleansStream.Cli.Terminal;

namespace OrleansStream.Cli.Groups;

/// <summary><c>ostream groups list</c>: one group a line.</summary>
internal static class GroupsListCommand
{
    private static readonly string[] States =
        ["Empty", "PreparingRebalance", "CompletingRebalance", "Stable", "Dead", "Assigning", "Reconciling"];

    /// <summary>Builds the command.</summary>
    public static Command Create(GlobalOptions global, CommandEnvironment environment)
    {
        var state = new Option<string[]>("--state") { Description = "Only groups in this state, such as Stable or Empty; may be repeated.", HelpName = "STATE" };
        state.Validators.Add(result =>
        {
            foreach (var unknown in result.Tokens.Select(token => token.Value).Where(value => !States.Contains(value, StringComparer.OrdinalIgnoreCase)))
            {
                result.AddError($"--state is '{unknown}'; it must be one of {string.Join(", ", States)}.");
            }
        });
        var withStates = new Option<bool>("--states") { Description = "Write type and state as well." };
        var command = new Command("list", "Lists the groups, one a line.") { state, withStates };
        command.SetAction(async (parse, cancellationToken) =>
        {
            await using var client = await global.ConnectAsync(parse, environment, cancellationToken).ConfigureAwait(false);
            var groups = await client.Admin.ListGroupsAsync(parse.GetValue(state), cancellationToken: cancellationToken).ConfigureAwait(false);
            if (parse.GetValue(global.Json))
            {
                JsonOutput.Write(environment.Output, json =>
                {
                    json.WriteStartArray();
                    foreach (var group in groups)
                    {
                        json.WriteStartObject();
                        json.WriteString("group", group.GroupId);
                        json.WriteString("type", group.Type);
                        json.WriteString("state", group.State);
                        json.WriteString("protocolType", group.ProtocolType);
                        json.WriteEndObject();
                    }

                    json.WriteEndArray();
                });
                return ExitCode.Success;
            }

            using var text = environment.OpenText();
            if (parse.GetValue(withStates))
            {
                var table = new TextTable("GROUP", "TYPE", "STATE");
                foreach (var group in groups)
                {
                    table.Add(group.GroupId, group.Type, group.State);
                }

                table.WriteTo(text);
                return ExitCode.Success;
            }

            foreach (var group in groups)
            {
                text.WriteLine(group.GroupId);
            }

            return ExitCode.Success;
        });
        return command;
    }
}
