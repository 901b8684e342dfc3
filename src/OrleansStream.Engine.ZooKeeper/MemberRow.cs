using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using Orleans.Runtime;
using OrleansStream.Engine.Membership;

namespace OrleansStream.Engine.ZooKeeper;

/// <summary>A silo's node in the table, as JSON. Its fields only grow.</summary>
internal sealed class MemberRow
{
    [JsonRequired]
    public string SiloAddress { get; set; } = string.Empty;

    [JsonRequired]
    public string SiloName { get; set; } = string.Empty;

    [JsonRequired]
    public SiloStatus Status { get; set; }

    /// <summary>Where clients connect, <c>address:port</c>; absent when the silo is no gateway.</summary>
    public string? Gateway { get; set; }

    public SuspicionRow[] Suspicions { get; set; } = [];

    public static byte[] Write(MemberRecord record)
        => JsonSerializer.SerializeToUtf8Bytes(
            new MemberRow
            {
                SiloAddress = record.Silo.ToParsableString(),
                SiloName = record.Name,
                Status = record.Status,
                Gateway = record.Gateway?.ToString(),
                Suspicions = [.. record.Suspicions.Select(suspicion => new SuspicionRow { By = suspicion.By.ToParsableString(), Since = suspicion.Since })],
            },
            MemberRowJson.Default.MemberRow);

    /// <exception cref="OrleansException">The node does not hold a silo.</exception>
    public static MemberRecord Read(string path, ReadOnlySpan<byte> data)
    {
        try
        {
            var row = JsonSerializer.Deserialize(data, MemberRowJson.Default.MemberRow) ?? throw new JsonException("it is null");
            return new MemberRecord(
                Orleans.Runtime.SiloAddress.FromParsableString(row.SiloAddress),
                row.SiloName,
                row.Status,
                row.Gateway is null ? null : IPEndPoint.Parse(row.Gateway),
                [.. row.Suspicions.Select(suspicion => new Suspicion(Orleans.Runtime.SiloAddress.FromParsableString(suspicion.By), suspicion.Since))]);
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            throw new OrleansException($"The node '{path}' of the membership table in ZooKeeper is malformed: {e.Message}", e);
        }
    }
}

/// <summary>A silo's word that another does not answer.</summary>
internal sealed class SuspicionRow
{
    [JsonRequired]
    public string By { get; set; } = string.Empty;

    [JsonRequired]
    public DateTimeOffset Since { get; set; }
}

[JsonSourceGenerationOptions(UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(MemberRow))]
internal sealed partial class MemberRowJson : JsonSerializerContext;
