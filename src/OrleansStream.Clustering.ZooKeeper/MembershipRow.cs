using System.Text.Json;
using System.Text.Json.Serialization;
using Orleans;
using Orleans.Runtime;

namespace OrleansStream.Clustering.ZooKeeper;

/// <summary>A silo's node as JSON, with the fields of Orleans' own provider, so that either reads what the other has left.</summary>
internal sealed class MembershipRow
{
    [JsonRequired]
    public SiloAddressRow SiloAddress { get; set; } = new();

    public string? HostName { get; set; }

    public string? SiloName { get; set; }

    /// <summary>The name once more: what older versions of Orleans read.</summary>
    public string? InstanceName { get; set; }

    [JsonRequired]
    public SiloStatus Status { get; set; }

    [JsonRequired]
    public int ProxyPort { get; set; }

    public DateTime StartTime { get; set; }

    public SuspicionRow[]? SuspectTimes { get; set; }

    public static byte[] Write(MembershipEntry entry)
        => JsonSerializer.SerializeToUtf8Bytes(
            new MembershipRow
            {
                SiloAddress = SiloAddressRow.From(entry.SiloAddress),
                HostName = entry.HostName,
                SiloName = entry.SiloName,
                InstanceName = entry.SiloName,
                Status = entry.Status,
                ProxyPort = entry.ProxyPort,
                StartTime = entry.StartTime,
                SuspectTimes = entry.SuspectTimes?.Select(vote => new SuspicionRow { Item1 = SiloAddressRow.From(vote.Item1), Item2 = vote.Item2 }).ToArray(),
            },
            MembershipJson.Default.MembershipRow);

    public static byte[] WriteIAmAlive(DateTime time) => JsonSerializer.SerializeToUtf8Bytes(time, MembershipJson.Default.DateTime);

    /// <exception cref="OrleansException">The nodes do not hold a silo.</exception>
    public static MembershipEntry Read(string path, ReadOnlySpan<byte> data, ReadOnlySpan<byte> alive)
    {
        try
        {
            var row = JsonSerializer.Deserialize(data, MembershipJson.Default.MembershipRow) ?? throw new JsonException("it is null");
            return new MembershipEntry
            {
                SiloAddress = row.SiloAddress.ToAddress(),
                HostName = row.HostName ?? string.Empty,
                SiloName = row.SiloName ?? row.InstanceName ?? string.Empty,
                Status = row.Status,
                ProxyPort = row.ProxyPort,
                StartTime = row.StartTime,
                SuspectTimes = row.SuspectTimes?.Select(vote => Tuple.Create(vote.Item1.ToAddress(), vote.Item2)).ToList(),
                IAmAliveTime = JsonSerializer.Deserialize(alive, MembershipJson.Default.DateTime),
            };
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            throw new OrleansException($"The node '{path}' of the membership table in ZooKeeper is malformed: {e.Message}", e);
        }
    }
}

/// <summary>An address as Orleans' provider writes it: an object with one field.</summary>
internal sealed class SiloAddressRow
{
    [JsonRequired]
    public string SiloAddress { get; set; } = string.Empty;

    public static SiloAddressRow From(SiloAddress address) => new() { SiloAddress = address.ToParsableString() };

    public SiloAddress ToAddress() => Orleans.Runtime.SiloAddress.FromParsableString(SiloAddress);
}

/// <summary>A silo's word that another does not answer; a tuple in Orleans.</summary>
internal sealed class SuspicionRow
{
    [JsonRequired]
    public SiloAddressRow Item1 { get; set; } = new();

    [JsonRequired]
    public DateTime Item2 { get; set; }
}

[JsonSourceGenerationOptions(UseStringEnumConverter = true)]
[JsonSerializable(typeof(MembershipRow))]
[JsonSerializable(typeof(DateTime))]
internal sealed partial class MembershipJson : JsonSerializerContext;
