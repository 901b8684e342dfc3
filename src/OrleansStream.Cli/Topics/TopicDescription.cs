using System.Globalization;
using System.Text.Json;
using OrleansStream.Abstractions;
using OrleansStream.Cli.Terminal;

namespace OrleansStream.Cli.Topics;

/// <summary>What is shown of one topic.</summary>
/// <param name="Topic">The topic and its partitions.</param>
/// <param name="Replicas">Its replicas on live brokers.</param>
/// <param name="Configs">The configuration entries to show.</param>
internal sealed record TopicDescription(TopicMetadata Topic, PartitionDescription[] Replicas, ConfigEntry[] Configs)
{
    /// <summary>Writes the descriptions for people.</summary>
    public static void WriteText(TextWriter output, IReadOnlyList<TopicDescription> descriptions)
    {
        for (var index = 0; index < descriptions.Count; index++)
        {
            if (index > 0)
            {
                output.WriteLine();
            }

            descriptions[index].WriteText(output);
        }
    }

    /// <summary>Writes the descriptions for programs: one array.</summary>
    public static void WriteJson(Stream output, IReadOnlyList<TopicDescription> descriptions) =>
        JsonOutput.Write(output, json =>
        {
            json.WriteStartArray();
            foreach (var description in descriptions)
            {
                description.WriteJson(json);
            }

            json.WriteEndArray();
        });

    private PartitionDescription? LeaderOf(PartitionMetadata partition) =>
        Array.Find(Replicas, replica => replica.Partition == partition.Partition && replica.BrokerId == partition.Leader);

    private void WriteText(TextWriter output)
    {
        output.WriteLine($"topic {Topic.Name}  id {Topic.TopicId}{(Topic.IsInternal ? "  internal" : "")}");
        foreach (var entry in Configs)
        {
            output.WriteLine($"  {entry.Name}={(entry.IsSensitive ? "(hidden)" : entry.Value)}");
        }

        var table = new TextTable("PARTITION", "LEADER", "EPOCH", "REPLICAS", "ISR", "START", "END", "BYTES");
        foreach (var partition in Topic.Partitions)
        {
            var leader = LeaderOf(partition);
            table.Add(
                Text(partition.Partition),
                partition.Leader < 0 ? "none" : Text(partition.Leader),
                Text(partition.LeaderEpoch),
                string.Join(',', partition.Replicas),
                string.Join(',', partition.Isr),
                leader is null ? "-" : Text(leader.LogStartOffset),
                leader is null ? "-" : Text(leader.HighWatermark),
                leader is null ? "-" : Quantity.Bytes(leader.SizeBytes));
        }

        table.WriteTo(output);
        foreach (var replica in Replicas.Where(replica => replica.OfflineReason is not null))
        {
            output.WriteLine($"offline: partition {replica.Partition} on broker {replica.BrokerId}: {replica.OfflineReason}");
        }
    }

    private void WriteJson(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("name", Topic.Name);
        json.WriteString("topicId", Topic.TopicId);
        json.WriteBoolean("internal", Topic.IsInternal);
        json.WriteStartObject("configs");
        foreach (var entry in Configs)
        {
            json.WriteString(entry.Name, entry.IsSensitive ? null : entry.Value);
        }

        json.WriteEndObject();
        json.WriteStartArray("partitions");
        foreach (var partition in Topic.Partitions)
        {
            WriteJson(json, partition);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private void WriteJson(Utf8JsonWriter json, PartitionMetadata partition)
    {
        json.WriteStartObject();
        json.WriteNumber("partition", partition.Partition);
        json.WriteNumber("leader", partition.Leader);
        json.WriteNumber("leaderEpoch", partition.LeaderEpoch);
        WriteIds(json, "replicas", partition.Replicas);
        WriteIds(json, "isr", partition.Isr);
        if (LeaderOf(partition) is { } leader)
        {
            json.WriteNumber("logStartOffset", leader.LogStartOffset);
            json.WriteNumber("highWatermark", leader.HighWatermark);
            json.WriteNumber("lastStableOffset", leader.LastStableOffset);
            json.WriteNumber("logEndOffset", leader.LogEndOffset);
            json.WriteNumber("flushedOffset", leader.FlushedOffset);
            json.WriteNumber("sizeBytes", leader.SizeBytes);
            json.WriteString("offlineReason", leader.OfflineReason);
        }

        json.WriteEndObject();
    }

    private static void WriteIds(Utf8JsonWriter json, string name, int[] ids)
    {
        json.WriteStartArray(name);
        foreach (var id in ids)
        {
            json.WriteNumberValue(id);
        }

        json.WriteEndArray();
    }

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
