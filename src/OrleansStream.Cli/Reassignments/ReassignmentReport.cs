using System.Globalization;
using System.Text.Json;
using OrleansStream.Cli.Invocation;
using OrleansStream.Cli.Terminal;

namespace OrleansStream.Cli.Reassignments;

/// <summary>How reassignments are shown.</summary>
internal static class ReassignmentReport
{
    /// <summary>Writes what is planned, for people.</summary>
    public static void WritePlan(TextWriter output, IReadOnlyList<Reassignment> planned)
    {
        var table = new TextTable("TOPIC", "PARTITION", "REPLICAS", "NEW");
        foreach (var reassignment in planned)
        {
            table.Add(
                reassignment.TopicPartition.Topic,
                Text(reassignment.TopicPartition.Partition),
                string.Join(',', reassignment.Before),
                string.Join(',', reassignment.Target));
        }

        table.WriteTo(output);
    }

    /// <summary>Writes what is under way.</summary>
    public static void WriteOngoing(CommandEnvironment environment, bool asJson, IReadOnlyList<ReassignmentProgress> ongoing)
    {
        if (asJson)
        {
            JsonOutput.Write(environment.Output, json =>
            {
                json.WriteStartArray();
                foreach (var progress in ongoing)
                {
                    WriteJson(json, progress);
                }

                json.WriteEndArray();
            });
            return;
        }

        using var text = environment.OpenText();
        var table = new TextTable("TOPIC", "PARTITION", "REPLICAS", "ADDING", "REMOVING", "ISR", "COPIED");
        foreach (var progress in ongoing)
        {
            var move = progress.Reassignment;
            table.Add(
                move.Topic,
                Text(move.Partition),
                string.Join(',', move.Replicas),
                Ids(move.AddingReplicas),
                Ids(move.RemovingReplicas),
                Ids(progress.Isr),
                progress.TotalBytes is { } total ? $"{Quantity.Bytes(progress.CopiedBytes)} of {Quantity.Bytes(total)}" : "-");
        }

        table.WriteTo(text);
    }

    /// <summary>Says which throttle was taken off.</summary>
    public static void SayLifted(TextWriter error, LiftedThrottle lifted)
    {
        if (!lifted.IsEmpty)
        {
            error.WriteLine(
                $"throttle taken off {Quantity.Of(lifted.Topics.Length, "topic")}{(lifted.Topics.Length == 0 ? "" : $" ({string.Join(", ", lifted.Topics)})")}"
                + $" and {Quantity.Of(lifted.Brokers.Length, "broker")}{(lifted.Brokers.Length == 0 ? "" : $" ({string.Join(", ", lifted.Brokers)})")}");
        }
    }

    /// <summary>The same as a member of a document.</summary>
    public static void WriteLifted(Utf8JsonWriter json, LiftedThrottle lifted)
    {
        json.WriteStartObject("throttleTakenOff");
        json.WriteStartArray("topics");
        foreach (var topic in lifted.Topics)
        {
            json.WriteStringValue(topic);
        }

        json.WriteEndArray();
        WriteIds(json, "brokers", lifted.Brokers);
        json.WriteEndObject();
    }

    /// <summary>Writes an array of broker ids.</summary>
    public static void WriteIds(Utf8JsonWriter json, string name, IEnumerable<int> ids)
    {
        json.WriteStartArray(name);
        foreach (var id in ids)
        {
            json.WriteNumberValue(id);
        }

        json.WriteEndArray();
    }

    private static void WriteJson(Utf8JsonWriter json, ReassignmentProgress progress)
    {
        var move = progress.Reassignment;
        json.WriteStartObject();
        json.WriteString("topic", move.Topic);
        json.WriteNumber("partition", move.Partition);
        WriteIds(json, "replicas", move.Replicas);
        WriteIds(json, "adding", move.AddingReplicas);
        WriteIds(json, "removing", move.RemovingReplicas);
        WriteIds(json, "isr", progress.Isr);
        if (progress.TotalBytes is { } total)
        {
            json.WriteNumber("copiedBytes", progress.CopiedBytes);
            json.WriteNumber("totalBytes", total);
        }

        json.WriteEndObject();
    }

    private static string Ids(int[] ids) => ids.Length == 0 ? "-" : string.Join(',', ids);

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}
