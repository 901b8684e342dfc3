using System.CommandLine;
using OrleansStream.Cli.Invocation;
using OrleansStream.Cli.Terminal;
using OrleansStream.Client;

namespace OrleansStream.Cli.Groups;

/// <summary><c>ostream groups describe [GROUP...]</c>.</summary>
internal static class GroupsDescribeCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create(GlobalOptions global, CommandEnvironment environment)
    {
        var names = new Argument<string[]>("GROUP") { Description = "The groups; all without one.", Arity = ArgumentArity.ZeroOrMore };
        var command = new Command("describe", "Shows state, members, claims, committed offsets and lag of groups.") { names };
        command.SetAction(async (parse, cancellationToken) =>
        {
            await using var client = await global.ConnectAsync(parse, environment, cancellationToken).ConfigureAwait(false);
            var wanted = parse.GetValue(names) ?? [];
            if (wanted.Length == 0)
            {
                wanted = [.. (await client.Admin.ListGroupsAsync(cancellationToken: cancellationToken).ConfigureAwait(false)).Select(group => group.GroupId)];
            }

            var groups = await client.Admin.DescribeGroupsAsync(wanted, cancellationToken).ConfigureAwait(false);
            if (groups.FirstOrDefault(group => group.Error != ErrorCode.None) is { } failed)
            {
                throw GroupsCommand.Refused(failed.GroupId, "described", failed.Error);
            }

            var descriptions = await Task.WhenAll(groups.Select(group => DescribeAsync(client.Admin, group, cancellationToken))).ConfigureAwait(false);
            if (parse.GetValue(global.Json))
            {
                JsonOutput.Write(environment.Output, json =>
                {
                    json.WriteStartArray();
                    foreach (var description in descriptions)
                    {
                        description.WriteJson(json);
                    }

                    json.WriteEndArray();
                });
                return ExitCode.Success;
            }

            using var text = environment.OpenText();
            for (var index = 0; index < descriptions.Length; index++)
            {
                if (index > 0)
                {
                    text.WriteLine();
                }

                descriptions[index].WriteText(text);
            }

            return ExitCode.Success;
        });
        return command;
    }

    private static async Task<GroupReport> DescribeAsync(IAdminClient admin, GroupInfo group, CancellationToken cancellationToken)
    {
        var committed = await admin.ListGroupOffsetsAsync(group.GroupId, cancellationToken: cancellationToken).ConfigureAwait(false);
        var claims = group.Members.SelectMany(member => member.Claims.Select(claim => (Claim: claim, Member: member))).ToLookup(entry => entry.Claim, entry => entry.Member);
        TopicPartition[] partitions = [.. committed.Keys.Concat(claims.Select(claim => claim.Key)).Distinct().Order()];
        var ends = await admin.ListOffsetsAsync(
            partitions.Select(partition => new TopicPartitionOffset(partition, OffsetSpec.Latest)),
            cancellationToken: cancellationToken).ConfigureAwait(false);
        return new GroupReport(
            group,
            [
                .. partitions.Select(partition => new GroupPartitionReport(
                    partition,
                    committed.TryGetValue(partition, out var found) ? found : null,
                    ends[partition] is { Error: ErrorCode.None } end ? end.Offset : null,
                    claims[partition].FirstOrDefault())),
            ]);
    }
}
