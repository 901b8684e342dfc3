using System.Text.Json;
using OrleansStream.Cli.Invocation;

namespace OrleansStream.Cli.Reassignments;

/// <summary>
/// The file that <c>kafka-reassign-partitions.sh</c> takes and prints: <c>{"version":1,"partitions":[{"topic":"t","partition":0,"replicas":[1,2]}]}</c>.
/// </summary>
internal static class ReassignmentFile
{
    private const int Version = 1;

    /// <summary>Reads the replicas that a file asks for.</summary>
    /// <exception cref="CommandFailedException">The file cannot be read, or says something else.</exception>
    public static async Task<Dictionary<TopicPartition, int[]>> ReadAsync(string path, CancellationToken cancellationToken)
    {
        byte[] bytes;
        try
        {
            bytes = await File.ReadAllBytesAsync(path, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw CommandFailedException.Usage($"--file '{path}' cannot be read: {exception.Message}");
        }

        return Parse(path, bytes);
    }

    /// <summary>Reads the replicas that a text asks for.</summary>
    public static Dictionary<TopicPartition, int[]> Parse(string path, ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("partitions", out var partitions) || partitions.ValueKind != JsonValueKind.Array)
            {
                throw Malformed(path, "it has no array \"partitions\"");
            }

            if (root.TryGetProperty("version", out var version) && (version.ValueKind != JsonValueKind.Number || version.GetInt32() != Version))
            {
                throw Malformed(path, $"its version is {version.GetRawText()}");
            }

            var targets = new Dictionary<TopicPartition, int[]>();
            foreach (var entry in partitions.EnumerateArray())
            {
                var (partition, replicas) = ParseEntry(path, entry);
                if (!targets.TryAdd(partition, replicas))
                {
                    throw Malformed(path, $"it has {partition} twice");
                }
            }

            return targets;
        }
        catch (JsonException exception)
        {
            throw Malformed(path, $"it is not JSON: {exception.Message}");
        }
    }

    /// <summary>Writes the members of a document that can be read again.</summary>
    public static void WriteMembers(Utf8JsonWriter json, IEnumerable<Reassignment> reassignments)
    {
        json.WriteNumber("version", Version);
        json.WriteStartArray("partitions");
        foreach (var reassignment in reassignments)
        {
            json.WriteStartObject();
            json.WriteString("topic", reassignment.TopicPartition.Topic);
            json.WriteNumber("partition", reassignment.TopicPartition.Partition);
            ReassignmentReport.WriteIds(json, "replicas", reassignment.Target);
            ReassignmentReport.WriteIds(json, "before", reassignment.Before);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static (TopicPartition Partition, int[] Replicas) ParseEntry(string path, JsonElement entry)
        => entry.ValueKind == JsonValueKind.Object
            && entry.TryGetProperty("topic", out var topic) && topic.ValueKind == JsonValueKind.String
            && entry.TryGetProperty("partition", out var partition) && partition.ValueKind == JsonValueKind.Number && partition.TryGetInt32(out var number)
            && entry.TryGetProperty("replicas", out var replicas) && replicas.ValueKind == JsonValueKind.Array
            && replicas.EnumerateArray().All(replica => replica.ValueKind == JsonValueKind.Number && replica.TryGetInt32(out _))
                ? (new TopicPartition(topic.GetString()!, number), [.. replicas.EnumerateArray().Select(replica => replica.GetInt32())])
                : throw Malformed(path, $"an entry is {entry.GetRawText()}");

    private static CommandFailedException Malformed(string path, string what)
        => CommandFailedException.Usage(
            $"--file '{path}': {what}; it must be {{\"version\":1,\"partitions\":[{{\"topic\":\"NAME\",\"partition\":0,\"replicas\":[1,2]}}]}}.");
}
