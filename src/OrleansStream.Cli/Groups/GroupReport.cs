using System.Globalization;
using System.Text.Json;
using OrleansStream.Cli.Terminal;
using OrleansStream.Client;

namespace OrleansStream.Cli.Groups;

/// <summary>A partition that a group has an offset of, or a claim on.</summary>
/// <param name="TopicPartition">The partition.</param>
/// <param name="Committed">What the group has committed; null for nothing.</param>
/// <param name="EndOffset">Where the log ends; null if nobody can tell.</param>
/// <param name="Owner">The member whose claim it is; null for nobody's.</param>
internal sealed record GroupPartitionReport(TopicPartition TopicPartition, CommittedOffset? Committed, long? EndOffset, GroupMemberInfo? Owner)
{
    /// <summary>How many records are not consumed yet; null if that is not known.</summary>
    public long? Lag => Committed is { } committed && EndOffset is { } end ? Math.Max(0, end - committed.Offset) : null;
}

/// <summary>What is shown of one group.</summary>
/// <param name="Group">The group.</param>
/// <param name="Partitions">Its partitions in order.</param>
internal sealed record GroupReport(GroupInfo Group, GroupPartitionReport[] Partitions)
{
    /// <summary>Writes it for people.</summary>
    public void WriteText(TextWriter output)
    {
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"group {Group.GroupId}  {Group.Type}  {Group.State}{(Group.Assignor.Length > 0 ? $"  {Group.Assignor}" : "")}{(Group.GenerationId >= 0 ? $"  generation {Group.GenerationId}" : "")}  coordinator {Group.CoordinatorId}  lag {Quantity.Count(Partitions.Sum(partition => partition.Lag ?? 0))}"));
        if (Partitions.Length > 0)
        {
            var table = new TextTable("TOPIC", "PARTITION", "COMMITTED", "END", "LAG", "MEMBER");
            foreach (var partition in Partitions)
            {
                table.Add(
                    partition.TopicPartition.Topic,
                    Text(partition.TopicPartition.Partition),
                    Text(partition.Committed?.Offset),
                    Text(partition.EndOffset),
                    Text(partition.Lag),
                    partition.Owner?.MemberId ?? "-");
            }

            table.WriteTo(output);
        }

        if (Group.Members.Count > 0)
        {
            var members = new TextTable("MEMBER", "INSTANCE", "CLIENT", "HOST", "CLAIMS");
            foreach (var member in Group.Members)
            {
                members.Add(member.MemberId, member.GroupInstanceId ?? "-", member.ClientId, member.ClientHost, Text(member.Claims.Count));
            }

            members.WriteTo(output);
        }
    }

    /// <summary>Writes it for programs.</summary>
    public void WriteJson(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("group", Group.GroupId);
        json.WriteString("type", Group.Type);
        json.WriteString("state", Group.State);
        json.WriteString("assignor", Group.Assignor);
        json.WriteNumber("generationId", Group.GenerationId);
        json.WriteNumber("coordinator", Group.CoordinatorId);
        json.WriteNumber("lag", Partitions.Sum(partition => partition.Lag ?? 0));
        json.WriteStartArray("members");
        foreach (var member in Group.Members)
        {
            json.WriteStartObject();
            json.WriteString("memberId", member.MemberId);
            json.WriteString("groupInstanceId", member.GroupInstanceId);
            json.WriteString("clientId", member.ClientId);
            json.WriteString("clientHost", member.ClientHost);
            json.WriteStartArray("claims");
            foreach (var claim in member.Claims)
            {
                json.WriteStartObject();
                json.WriteString("topic", claim.Topic);
                json.WriteNumber("partition", claim.Partition);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("partitions");
        foreach (var partition in Partitions)
        {
            json.WriteStartObject();
            json.WriteString("topic", partition.TopicPartition.Topic);
            json.WriteNumber("partition", partition.TopicPartition.Partition);
            Write(json, "committedOffset", partition.Committed?.Offset);
            Write(json, "endOffset", partition.EndOffset);
            Write(json, "lag", partition.Lag);
            json.WriteString("memberId", partition.Owner?.MemberId);
            if (partition.Committed is { Metadata.Length: > 0 } committed)
            {
                json.WriteString("metadata", committed.Metadata);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, long? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
        else
        {
            json.WriteNull(name);
        }
    }

    private static string Text(long? value) => value?.ToString(CultureInfo.InvariantCulture) ?? "-";
}
