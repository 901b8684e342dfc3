using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using OrleansStream.Protocol.Checksums;
using OrleansStream.Storage.Files;

namespace OrleansStream.Storage.Checkpoints;

/// <summary>
/// <c>partition.json</c>: whose log a directory holds and how its files are laid out. Written once, before anything else.
/// </summary>
/// <param name="FormatVersion">The version of the directory's layout and of the entries.</param>
/// <param name="Topic">The topic.</param>
/// <param name="Partition">The partition.</param>
/// <param name="TopicId">The topic's id: a topic that is deleted and made again gets another one.</param>
/// <param name="Generation">The generation of the segment files that holds the log; a rewrite of the log makes the next one.</param>
/// <param name="PageBytes">The page size.</param>
/// <param name="SegmentBytes">The segment size.</param>
/// <param name="Checksum">CRC-32C of the other fields: a wrong page size would make the whole log look damaged.</param>
internal sealed record LogIdentity(
    int FormatVersion,
    string Topic,
    int Partition,
    Guid TopicId,
    int Generation,
    int PageBytes,
    int SegmentBytes,
    uint Checksum = 0)
{
    public const string FileName = "partition.json";

    public const int CurrentFormatVersion = 1;

    /// <summary>Whether the fields are as they were written.</summary>
    [JsonIgnore]
    public bool IsIntact => Checksum == ExpectedChecksum;

    private uint ExpectedChecksum => Crc32C.Compute(Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $"{FormatVersion}|{Topic}|{Partition}|{TopicId:D}|{Generation}|{PageBytes}|{SegmentBytes}")));

    public void Save(ILogFileSystem fileSystem, string directory) =>
        fileSystem.Replace(Path.Combine(directory, FileName), JsonSerializer.SerializeToUtf8Bytes(this with { Checksum = ExpectedChecksum }, LogIdentityJson.Default.LogIdentity));

    /// <summary>Reads the file; null if there is none.</summary>
    /// <exception cref="InvalidDataException">It cannot be read, or has another version or identity.</exception>
    public static LogIdentity? TryLoad(ILogFileSystem fileSystem, string directory, TopicPartition expected, Guid topicId)
    {
        var path = Path.Combine(directory, FileName);
        var content = fileSystem.TryReadAllBytes(path);
        if (content is null)
        {
            return null;
        }

        LogIdentity? identity;
        try
        {
            identity = JsonSerializer.Deserialize(content, LogIdentityJson.Default.LogIdentity);
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"{path} is damaged: {exception.Message}", exception);
        }

        if (identity is null)
        {
            throw new InvalidDataException($"{path} is damaged: it holds no object.");
        }

        if (identity.FormatVersion != CurrentFormatVersion)
        {
            throw new InvalidDataException($"{path} has format version {identity.FormatVersion}; this version reads {CurrentFormatVersion}.");
        }

        if (identity.Checksum != identity.ExpectedChecksum)
        {
            throw new InvalidDataException($"{path} is damaged: its checksum is {identity.Checksum} instead of {identity.ExpectedChecksum}.");
        }

        if (identity.Topic != expected.Topic || identity.Partition != expected.Partition || identity.TopicId != topicId)
        {
            throw new InvalidDataException(
                $"{path} belongs to {identity.Topic}-{identity.Partition} (topic id {identity.TopicId}), not to {expected} (topic id {topicId}).");
        }

        return identity;
    }
}

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(LogIdentity))]
internal sealed partial class LogIdentityJson : JsonSerializerContext;
