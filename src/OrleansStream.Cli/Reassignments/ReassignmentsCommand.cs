using System.CommandLine;
using OrleansStream.Abstractions;
using OrleansStream.Cli.Invocation;
using OrleansStream.Cli.Terminal;
using OrleansStream.Client;

namespace OrleansStream.Cli.Reassignments;

/// <summary><c>ostream topics reassignments</c>: those that are under way, waiting for them, and calling them off.</summary>
internal static class ReassignmentsCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create(GlobalOptions global, CommandEnvironment environment)
    {
        var names = new Argument<string[]>("TOPIC") { Description = "The topics; all without one.", Arity = ArgumentArity.ZeroOrMore };
        var wait = new Option<bool>("--wait") { Description = "Wait until they are over, then take their throttle off; at once if none is under way." };
        var cancel = new Option<bool>("--cancel") { Description = "Call them off, and take their throttle off." };
        var command = new Command("reassignments", "Shows the reassignments that are under way.") { names, wait, cancel };
        command.SetAction(async (parse, cancellationToken) =>
        {
            var topics = parse.GetValue(names) ?? [];
            var isCancel = parse.GetValue(cancel);
            if (isCancel && parse.GetValue(wait))
            {
                throw CommandFailedException.Usage("--wait and --cancel exclude each other.");
            }

            await using var client = await global.ConnectAsync(parse, environment, cancellationToken).ConfigureAwait(false);
            var asJson = parse.GetValue(global.Json);
            if (!isCancel && !parse.GetValue(wait))
            {
                ReassignmentReport.WriteOngoing(environment, asJson, await ReassignmentProgress.ReadAsync(client.Admin, topics, cancellationToken).ConfigureAwait(false));
                return ExitCode.Success;
            }

            int? cancelled = isCancel ? await CancelAsync(client.Admin, topics, cancellationToken).ConfigureAwait(false) : null;
            var lifted = await ReassignmentWait.UntilOverAsync(client.Admin, environment, topics, cancellationToken).ConfigureAwait(false);
            Tell(environment, asJson, cancelled, lifted);
            return ExitCode.Success;
        });
        return command;
    }

    private static async Task<int> CancelAsync(IAdminClient admin, string[] topics, CancellationToken cancellationToken)
    {
        PartitionReassignment[] wanted =
        [
            .. (await admin.ListPartitionReassignmentsAsync(cancellationToken).ConfigureAwait(false))
                .Where(move => topics.Length == 0 || topics.Contains(move.Topic, StringComparer.Ordinal))
                .Select(move => new PartitionReassignment(move.Topic, move.Partition, null)),
        ];
        if (wanted.Length == 0)
        {
            return 0;
        }

        // One that has come to its end meanwhile is no longer there to be called off.
        var outcomes = await admin.AlterPartitionReassignmentsAsync(wanted, cancellationToken).ConfigureAwait(false);
        return outcomes.FirstOrDefault(outcome => outcome.Error is not (ErrorCode.None or ErrorCode.NoReassignmentInProgress)) is { } refused
            ? throw new CommandFailedException(
                $"the reassignment of {refused.Topic}-{refused.Partition} was not called off: {refused.ErrorMessage ?? refused.Error.WireName()}")
            : outcomes.Count(outcome => outcome.Error == ErrorCode.None);
    }

    private static void Tell(CommandEnvironment environment, bool asJson, int? cancelled, LiftedThrottle lifted)
    {
        if (asJson)
        {
            JsonOutput.Write(environment.Output, json =>
            {
                json.WriteStartObject();
                json.WriteString("state", cancelled is null ? "done" : "cancelled");
                if (cancelled is { } count)
                {
                    json.WriteNumber("cancelled", count);
                }

                ReassignmentReport.WriteLifted(json, lifted);
                json.WriteEndObject();
            });
            return;
        }

        environment.Error.WriteLine(cancelled is { } called ? $"{Quantity.Of(called, "reassignment")} called off" : "no reassignment is under way");
        ReassignmentReport.SayLifted(environment.Error, lifted);
    }
}
