using System.Globalization;
using OrleansStream.Storage;

namespace OrleansStream.Grains.DataDirectories;

/// <summary>
/// The file among the logs that says since when they are there. It goes when they go: a broker with an empty disk then registers as one
/// that does not hold what it was counted in with (KIP-966).
/// </summary>
internal static class LogsHistory
{
    /// <summary>The file's name in the directory of the logs.</summary>
    public const string FileName = "since";

    /// <summary>The transaction of the metadata store since which the logs are there; written down before it is used if they are new.</summary>
    /// <param name="logsPath">The directory of the logs.</param>
    /// <param name="observe">The number of a transaction that is taking place now.</param>
    public static async Task<long> ReadOrBeginAsync(string logsPath, Func<Task<long>> observe)
    {
        var path = Path.Combine(logsPath, FileName);
        if (File.Exists(path) && long.TryParse((await File.ReadAllTextAsync(path)).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var since))
        {
            return since;
        }

        // Logs without the file are of a version that did not write it.
        since = PartitionDirectories.List(logsPath).Any() ? 0 : await observe();
        var temporary = path + ".new";
        await using (var file = new StreamWriter(new FileStream(temporary, FileMode.Create, FileAccess.Write)))
        {
            await file.WriteLineAsync(since.ToString(CultureInfo.InvariantCulture));
            await file.FlushAsync();
            ((FileStream)file.BaseStream).Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
        return since;
    }
}
