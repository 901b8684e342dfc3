using System.Text.Json;
using OrleansStream.Storage.Checkpoints;
using OrleansStream.Storage.Files;

namespace OrleansStream.Storage;

/// <summary>Whose log a directory holds, without opening it.</summary>
public static class PartitionIdentity
{
    /// <summary>The topic id in a log's directory; null if there is no log, or none whose identity can be read.</summary>
    /// <param name="directory">The log's directory.</param>
    /// <param name="fileSystem">The file system; null for the machine's.</param>
    public static Guid? TryReadTopicId(string directory, ILogFileSystem? fileSystem = null)
    {
        var content = (fileSystem ?? PhysicalLogFileSystem.Instance).TryReadAllBytes(Path.Combine(directory, LogIdentity.FileName));
        if (content is null)
        {
            return null;
        }

        try
        {
            var identity = JsonSerializer.Deserialize(content, LogIdentityJson.Default.LogIdentity);
            return identity is { IsIntact: true } ? identity.TopicId : null;
        }
        catch (JsonException)
        {
            // Opening the log tells that its identity is damaged.
            return null;
        }
    }
}
