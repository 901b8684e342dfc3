using OrleansStream.Storage;

namespace OrleansStream.Grains.DataDirectories;

/// <summary>
/// Logs that no topic of the cluster claims: their topic was deleted, or deleted and made again, while this broker was away.
/// They are moved aside, never deleted: their records may be all that is left of a mistake.
/// </summary>
internal static class StrayLogs
{
    /// <summary>What a stray log's directory is renamed to ends so; nothing opens it any more.</summary>
    public const string Suffix = ".stray";

    /// <summary>Moves aside the logs of partitions that this broker holds no replica of.</summary>
    /// <param name="logsPath">The directory of the logs.</param>
    /// <param name="isAssigned">Whether this broker holds a replica of the partition.</param>
    /// <returns>The new directories.</returns>
    public static IReadOnlyList<string> MoveAside(string logsPath, Func<TopicPartition, bool> isAssigned)
    {
        var moved = new List<string>();
        foreach (var partition in PartitionDirectories.List(logsPath))
        {
            if (!isAssigned(partition))
            {
                moved.Add(MoveAside(PartitionDirectories.PathOf(logsPath, partition)));
            }
        }

        return moved;
    }

    /// <summary>Moves one log aside.</summary>
    /// <returns>The new directory.</returns>
    public static string MoveAside(string directory)
    {
        for (var number = 0; ; number++)
        {
            var target = number == 0 ? directory + Suffix : $"{directory}.{number}{Suffix}";
            if (!Directory.Exists(target))
            {
                Directory.Move(directory, target);
                return target;
            }
        }
    }
}
