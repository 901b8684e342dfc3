using System.CommandLine;
using System.Globalization;
using OrleansStream.Abstractions;
using OrleansStream.Cli.Invocation;
using OrleansStream.Cli.Terminal;

namespace OrleansStream.Cli.Quotas;

/// <summary><c>ostream quotas describe</c>: one quota a line.</summary>
internal static class QuotasDescribeCommand
{
    private const string Default = "<default>";

    /// <summary>Builds the command.</summary>
    public static Command Create(GlobalOptions global, CommandEnvironment environment)
    {
        var entity = new QuotaEntityOptions();
        var command = new Command("describe", "Shows the quotas that are set: all, or those that have the given user, client id or address.");
        entity.AddTo(command);
        command.SetAction(async (parse, cancellationToken) =>
        {
            var filter = entity.Read(parse).Select(part => new QuotaFilterPart(part.Type, part.Name is null ? QuotaMatch.Default : QuotaMatch.Exact, part.Name));
            await using var client = await global.ConnectAsync(parse, environment, cancellationToken).ConfigureAwait(false);
            var quotas = await client.Admin.DescribeClientQuotasAsync(filter, cancellationToken: cancellationToken).ConfigureAwait(false);
            if (parse.GetValue(global.Json))
            {
                WriteJson(environment, quotas);
                return ExitCode.Success;
            }

            using var text = environment.OpenText();
            var table = new TextTable("USER", "CLIENT-ID", "IP", "QUOTA", "VALUE");
            foreach (var quota in quotas)
            {
                foreach (var value in quota.Values)
                {
                    table.Add(
                        NameOf(quota, "user"), NameOf(quota, "client-id"), NameOf(quota, "ip"), value.Key, value.Value.ToString("0.######", CultureInfo.InvariantCulture));
                }
            }

            table.WriteTo(text);
            return ExitCode.Success;
        });
        return command;
    }

    private static string NameOf(ClientQuota quota, string type)
        => Array.Find(quota.Entity, part => part.Type == type) is { } part ? part.Name ?? Default : "-";

    private static void WriteJson(CommandEnvironment environment, IReadOnlyList<ClientQuota> quotas)
        => JsonOutput.Write(environment.Output, json =>
        {
            json.WriteStartArray();
            foreach (var quota in quotas)
            {
                json.WriteStartObject();
                json.WriteStartObject("entity");
                foreach (var part in quota.Entity)
                {
                    json.WriteString(part.Type, part.Name);
                }

                json.WriteEndObject();
                json.WriteStartObject("quotas");
                foreach (var value in quota.Values)
                {
                    json.WriteNumber(value.Key, value.Value);
                }

                json.WriteEndObject();
                json.WriteEndObject();
            }

            json.WriteEndArray();
        });
}
