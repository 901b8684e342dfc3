using System.CommandLine;
using OrleansStream.Abstractions;
using OrleansStream.Cli.Invocation;
using OrleansStream.Cli.Terminal;
using OrleansStream.Client;

namespace OrleansStream.Cli.Reassignments;

/// <summary><c>ostream topics reassign</c>: moves replicas, waits for it, and takes the throttle off again.</summary>
internal static class ReassignCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create(GlobalOptions global, CommandEnvironment environment)
    {
        var names = new Argument<string[]>("TOPIC") { Description = "The topics to move.", Arity = ArgumentArity.ZeroOrMore };
        var all = new Option<bool>("--all") { Description = "Move all topics, the platform's own included." };
        var brokers = new Option<string>("--brokers") { Description = "Spread the replicas evenly over these brokers; none is moved that need not be.", HelpName = "ID,ID" };
        var replicationFactor = OptionValues.Number("--replication-factor", "N", 1, short.MaxValue, "With --brokers: how many replicas to have; without it as many as there are.");
        var replicas = new Option<string[]>("--replicas") { Description = "The replicas of a partition, the preferred leader first; may be repeated.", HelpName = "P:ID,ID" };
        var file = new Option<string>("--file") { Description = "What kafka-reassign-partitions.sh takes as --reassignment-json-file.", HelpName = "FILE" };
        var throttle = OptionValues.Number("--throttle", "BYTES", 1L, "The most bytes per second that each broker sends, and fetches, for this. Replicas in sync count but do not wait.");
        var noWait = new Option<bool>("--no-wait") { Description = "Return when it has begun; `ostream topics reassignments --wait` takes the throttle off." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Only show what would be moved; with --json in the form of --file." };
        var command = new Command("reassign", "Moves the replicas of partitions to other brokers.")
        {
            names, all, brokers, replicationFactor, replicas, file, throttle, noWait, dryRun,
        };
        command.SetAction(async (parse, cancellationToken) =>
        {
            var request = ReassignmentRequest.Parse(
                parse.GetValue(names) ?? [], parse.GetValue(all), parse.GetValue(brokers), parse.GetValue(replicationFactor), parse.GetValue(replicas) ?? [], parse.GetValue(file));
            await using var client = await global.ConnectAsync(parse, environment, cancellationToken).ConfigureAwait(false);
            var asJson = parse.GetValue(global.Json);
            var ongoing = await client.Admin.ListPartitionReassignmentsAsync(cancellationToken).ConfigureAwait(false);
            var planned = await request.PlanAsync(client.Admin, ongoing, cancellationToken).ConfigureAwait(false);
            if (!asJson && planned.Count > 0)
            {
                using var text = environment.OpenText();
                ReassignmentReport.WritePlan(text, planned);
            }

            LiftedThrottle? lifted = null;
            var isBegun = planned.Count > 0 && !parse.GetValue(dryRun);
            if (isBegun)
            {
                await BeginAsync(client.Admin, environment, planned, ongoing, parse.GetValue(throttle), cancellationToken).ConfigureAwait(false);
                lifted = parse.GetValue(noWait) ? null : await FinishAsync(client.Admin, environment, planned, cancellationToken).ConfigureAwait(false);
            }

            Tell(environment, asJson, planned, isBegun, parse.GetValue(throttle), lifted);
            return ExitCode.Success;
        });
        return command;
    }

    private static async Task BeginAsync(
        IAdminClient admin,
        CommandEnvironment environment,
        IReadOnlyList<Reassignment> planned,
        IReadOnlyList<OngoingReassignment> ongoing,
        long? throttle,
        CancellationToken cancellationToken)
    {
        // Before the first byte is copied.
        var topics = planned.Select(reassignment => reassignment.TopicPartition.Topic).ToArray();
        if (throttle is { } bytesPerSecond)
        {
            await new ReassignmentThrottle(admin).SetAsync(planned, ongoing, bytesPerSecond, cancellationToken).ConfigureAwait(false);
        }

        var outcomes = await admin.AlterPartitionReassignmentsAsync(
            planned.Select(reassignment => new PartitionReassignment(reassignment.TopicPartition.Topic, reassignment.TopicPartition.Partition, reassignment.Target)),
            cancellationToken).ConfigureAwait(false);
        var refused = outcomes.Where(outcome => outcome.Error != ErrorCode.None).ToArray();
        if (refused.Length == 0)
        {
            return;
        }

        var message = $"{refused[0].Topic}-{refused[0].Partition} was not reassigned: {refused[0].ErrorMessage ?? refused[0].Error.WireName()}";
        if (refused.Length == planned.Count)
        {
            var underWay = await admin.ListPartitionReassignmentsAsync(cancellationToken).ConfigureAwait(false);
            ReassignmentReport.SayLifted(environment.Error, await new ReassignmentThrottle(admin).LiftAsync(topics, underWay, cancellationToken).ConfigureAwait(false));
            throw new CommandFailedException(message);
        }

        throw new CommandFailedException(
            $"{message} ({refused.Length} of {planned.Count} were refused; the others have begun, and `ostream topics reassignments --wait` waits for them and takes the throttle off)");
    }

    private static async Task<LiftedThrottle> FinishAsync(
        IAdminClient admin, CommandEnvironment environment, IReadOnlyList<Reassignment> planned, CancellationToken cancellationToken)
    {
        var topics = planned.Select(reassignment => reassignment.TopicPartition.Topic).Distinct(StringComparer.Ordinal).ToArray();
        var lifted = await ReassignmentWait.UntilOverAsync(admin, environment, topics, cancellationToken).ConfigureAwait(false);
        var described = (await admin.DescribeTopicsAsync(topics, cancellationToken).ConfigureAwait(false)).ToDictionary(topic => topic.Name, StringComparer.Ordinal);
        foreach (var (partition, _, target) in planned)
        {
            var now = described[partition.Topic].Partitions.FirstOrDefault(described => described.Partition == partition.Partition)?.Replicas ?? [];
            if (!now.SequenceEqual(target))
            {
                throw new CommandFailedException(
                    $"the reassignment of {partition} was called off or changed meanwhile: its replicas are [{string.Join(',', now)}], not [{string.Join(',', target)}].");
            }
        }

        return lifted;
    }

    private static void Tell(
        CommandEnvironment environment, bool asJson, IReadOnlyList<Reassignment> planned, bool isBegun, long? throttle, LiftedThrottle? lifted)
    {
        if (asJson)
        {
            JsonOutput.Write(environment.Output, json =>
            {
                json.WriteStartObject();
                ReassignmentFile.WriteMembers(json, planned);
                json.WriteString("state", lifted is not null || planned.Count == 0 ? "done" : isBegun ? "begun" : "planned");
                if (lifted is not null)
                {
                    ReassignmentReport.WriteLifted(json, lifted);
                }

                json.WriteEndObject();
            });
            return;
        }

        var what = Quantity.Of(planned.Count, "partition");
        environment.Error.WriteLine(
            planned.Count == 0 ? "every replica is where it is wanted; nothing to move"
            : lifted is not null ? $"{what} reassigned"
            : !isBegun ? "dry run: nothing was moved"
            : throttle is null ? $"reassignment of {what} has begun; `ostream topics reassignments` shows how far it is"
            : $"reassignment of {what} has begun; `ostream topics reassignments --wait` waits for it and takes the throttle off");
        if (lifted is not null)
        {
            ReassignmentReport.SayLifted(environment.Error, lifted);
        }
    }
}
