using System.Globalization;
using OrleansStream.Storage.Files;

namespace OrleansStream.Storage;

/// <summary>The directories of the logs in a data directory: <c>&lt;topic&gt;-&lt;partition&gt;</c>, as Kafka names them.</summary>
public static class PartitionDirectories
{
    internal const string DeletedSuffix = ".deleted";

    /// <summary>The directory of a partition's log.</summary>
    public static string PathOf(string dataDirectory, TopicPartition topicPartition) =>
        Path.Combine(dataDirectory, string.Create(CultureInfo.InvariantCulture, $"{topicPartition.Topic}-{topicPartition.Partition}"));

    /// <summary>The partitions that have a log in a data directory.</summary>
    public static IReadOnlyList<TopicPartition> List(string dataDirectory, ILogFileSystem? fileSystem = null)
    {
        var partitions = new List<TopicPartition>();
        foreach (var path in (fileSystem ?? PhysicalLogFileSystem.Instance).ListDirectories(dataDirectory))
        {
            var name = Path.GetFileName(path);
            var dash = name.LastIndexOf('-');
            if (dash > 0 && int.TryParse(name.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var partition))
            {
                partitions.Add(new TopicPartition(name[..dash], partition));
            }
        }

        return partitions;
    }

    /// <summary>Deletes the log of a partition that is not open, if there is one. A crash on the way leaves it to <see cref="RemoveDeleted"/>.</summary>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="IOException">It cannot be deleted.</exception>
    public static bool Delete(string dataDirectory, TopicPartition topicPartition, ILogFileSystem? fileSystem = null)
    {
        fileSystem ??= PhysicalLogFileSystem.Instance;
        var directory = PathOf(dataDirectory, topicPartition);
        if (!fileSystem.ListDirectories(dataDirectory).Contains(directory, StringComparer.Ordinal))
        {
            return false;
        }

        try
        {
            var deleted = $"{directory}.{Guid.NewGuid():N}{DeletedSuffix}";
            fileSystem.MoveDirectory(directory, deleted);
            fileSystem.DeleteDirectory(deleted);
            return true;
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new LogOfflineException($"{topicPartition}: the directory {directory} cannot be deleted: {exception.Message}", exception);
        }
    }

    /// <summary>Finishes the deletions that a crash interrupted. Called when a broker starts, before logs are opened.</summary>
    /// <returns>The directories that were removed.</returns>
    public static int RemoveDeleted(string dataDirectory, ILogFileSystem? fileSystem = null)
    {
        fileSystem ??= PhysicalLogFileSystem.Instance;
        var removed = 0;
        foreach (var path in fileSystem.ListDirectories(dataDirectory))
        {
            if (path.EndsWith(DeletedSuffix, StringComparison.Ordinal))
            {
                fileSystem.DeleteDirectory(path);
                removed++;
            }
        }

        return removed;
    }
}
