using System.CommandLine;
using System.Globalization;
using OrleansStream.Abstractions;
using OrleansStream.Cli.Invocation;
using OrleansStream.Cli.Terminal;

namespace OrleansStream.Cli.Quotas;

/// <summary><c>ostream quotas alter</c>.</summary>
internal static class QuotasAlterCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create(GlobalOptions global, CommandEnvironment environment)
    {
        var entity = new QuotaEntityOptions();
        var set = new Option<string[]>("--set")
        {
            Description = "Set a quota, such as producer_byte_rate=1048576; may be repeated. Byte rates are per second and broker.",
            HelpName = "KEY=VALUE",
        };
        var delete = new Option<string[]>("--delete") { Description = "Remove a quota; may be repeated.", HelpName = "KEY" };
        var validateOnly = new Option<bool>("--validate-only") { Description = "Only say whether it would work." };
        var command = new Command("alter", "Changes the quotas of a client id, a user, both together, or an address.") { set, delete, validateOnly };
        entity.AddTo(command);
        command.SetAction(async (parse, cancellationToken) =>
        {
            var parts = entity.Read(parse);
            QuotaValueChange[] changes =
            [
                .. OptionValues.ParsePairs("--set", parse.GetValue(set)).Select(pair => new QuotaValueChange(pair.Key, ParseValue(pair.Key, pair.Value))),
                .. (parse.GetValue(delete) ?? []).Select(key => new QuotaValueChange(key, null)),
            ];
            if (parts.Count == 0)
            {
                throw CommandFailedException.Usage("nobody to alter the quotas of: give --client-id, --user or --ip, or the default of one of them.");
            }

            if (changes.Length == 0)
            {
                throw CommandFailedException.Usage("nothing to alter: give --set or --delete.");
            }

            await using var client = await global.ConnectAsync(parse, environment, cancellationToken).ConfigureAwait(false);
            var alteration = new QuotaAlteration([.. parts.Select(part => new QuotaEntityPart(part.Type, part.Name))], changes);
            var results = await client.Admin.AlterClientQuotasAsync([alteration], parse.GetValue(validateOnly), cancellationToken).ConfigureAwait(false);
            var named = string.Join(", ", parts.Select(part => part.Name is null ? $"default {part.Type}" : $"{part.Type} '{part.Name}'"));
            if (results[0].Error != ErrorCode.None)
            {
                throw new CommandFailedException($"the quotas of {named} were not altered: {results[0].ErrorMessage ?? results[0].Error.ToString()}");
            }

            Confirm(environment, parse.GetValue(global.Json), parts, named, parse.GetValue(validateOnly) ? "could be altered" : "altered");
            return ExitCode.Success;
        });
        return command;
    }

    private static double ParseValue(string key, string text)
        => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw CommandFailedException.Usage($"--set {key} is '{text}'; it must be a number.");

    private static void Confirm(CommandEnvironment environment, bool asJson, IReadOnlyList<(string Type, string? Name)> parts, string named, string done)
    {
        if (!asJson)
        {
            environment.Error.WriteLine($"quotas of {named} {done}");
            return;
        }

        JsonOutput.Write(environment.Output, json =>
        {
            json.WriteStartObject();
            json.WriteStartObject("entity");
            foreach (var (type, name) in parts)
            {
                json.WriteString(type, name);
            }

            json.WriteEndObject();
            json.WriteString("done", done);
            json.WriteEndObject();
        });
    }
}
