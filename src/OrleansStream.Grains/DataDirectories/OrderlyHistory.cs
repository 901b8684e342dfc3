using System.Globalization;
using OrleansStream.Storage;

namespace OrleansStream.Grains.DataDirectories;

/// <summary>
/// The file among the logs that says since when the broker has always stopped in order, with everything on disk. While the broker runs the
/// file says so; one that finds this at its start was killed, and may lack what was not flushed (KIP-966).
/// </summary>
internal static class OrderlyHistory
{
    /// <summary>The file's name in the directory of the logs.</summary>
    public const string FileName = "orderly";

    private const string Running = "running";
    private const string Stopped = "stopped";

    /// <summary>Begins a life of the broker; written down before it can acknowledge anything.</summary>
    /// <param name="logsPath">The directory of the logs.</param>
    /// <param name="observe">The number of a transaction of the metadata store that is taking place now.</param>
    /// <returns>The transaction since which every life has ended in order.</returns>
    public static async Task<long> BeginAsync(string logsPath, Func<Task<long>> observe)
    {
        var since = await ReadAsync(logsPath) is (Stopped, var last)
            ? last
            : PartitionDirectories.List(logsPath).Any() ? await observe() : 0;
        await WriteAsync(logsPath, Running, since);
        return since;
    }

    /// <summary>Ends it in order: all logs are closed and on disk.</summary>
    public static Task EndAsync(string logsPath, long since) => WriteAsync(logsPath, Stopped, since);

    private static async Task<(string State, long Since)?> ReadAsync(string logsPath)
    {
        var path = Path.Combine(logsPath, FileName);
        if (!File.Exists(path))
        {
            return null;
        }

        var words = (await File.ReadAllTextAsync(path)).Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        return words is [var state, var number] && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var since)
            ? (state, since)
            : null;
    }

    /// <summary>In place, a few bytes of one sector: a rename could be forgotten by a power loss, and "stopped" would be there again.</summary>
    private static async Task WriteAsync(string logsPath, string state, long since)
    {
        await using var file = new FileStream(Path.Combine(logsPath, FileName), FileMode.OpenOrCreate, FileAccess.Write);
        var text = System.Text.Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{state} {since}\n"));
        await file.WriteAsync(text);
        file.SetLength(text.Length);
        await file.FlushAsync();
        file.Flush(flushToDisk: true);
    }
}
