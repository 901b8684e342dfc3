using System.Globalization;

namespace OrleansStream.Cli.Bench;

/// <summary>A broker's process on this machine, as Linux's /proc shows it.</summary>
internal sealed class BrokerProcess
{
    /// <summary>USER_HZ: what /proc counts CPU time in, on every Linux that .NET runs on.</summary>
    private const int TicksPerSecond = 100;

    private readonly string _statPath;

    private BrokerProcess(string statPath) => _statPath = statPath;

    /// <summary>The process with the given id; null if there is none.</summary>
    public static BrokerProcess? Open(int processId)
    {
        var path = string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/stat");
        return File.Exists(path) ? new BrokerProcess(path) : null;
    }

    /// <summary>The process that listens at the first of the gateways; null if none of this machine and user does.</summary>
    public static int? FindListener(string bootstrap)
    {
        var first = bootstrap.Split(',')[0];
        var port = first[(first.LastIndexOf(':') + 1)..];
        if (!OperatingSystem.IsLinux()
            || !(first.StartsWith("127.", StringComparison.Ordinal) || first.StartsWith("localhost", StringComparison.Ordinal) || first.StartsWith("[::1]", StringComparison.Ordinal))
            || !ushort.TryParse(port, CultureInfo.InvariantCulture, out var number))
        {
            return null;
        }

        try
        {
            var inodes = ListeningSockets("/proc/net/tcp", number).Concat(ListeningSockets("/proc/net/tcp6", number)).ToHashSet();
            return inodes.Count == 0 ? null : OwnerOf(inodes);
        }
        catch (IOException)
        {
            // /proc is not as expected: the broker's CPU time is left out of the report.
            return null;
        }
    }

    /// <summary>The CPU time that the process has used; null if it is gone.</summary>
    public TimeSpan? ReadCpuTime()
    {
        try
        {
            // The fields after the command's closing bracket begin with the third; utime and stime are 14 and 15.
            var stat = File.ReadAllText(_statPath);
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return TimeSpan.FromSeconds((double)(Parse(fields[11]) + Parse(fields[12])) / TicksPerSecond);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static IEnumerable<string> ListeningSockets(string table, ushort port)
    {
        if (!File.Exists(table))
        {
            yield break;
        }

        const string Listening = "0A";
        var suffix = string.Create(CultureInfo.InvariantCulture, $":{port:X4}");
        foreach (var line in File.ReadLines(table).Skip(1))
        {
            var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length > 9 && fields[3] == Listening && fields[1].EndsWith(suffix, StringComparison.Ordinal))
            {
                yield return $"socket:[{fields[9]}]";
            }
        }
    }

    private static int? OwnerOf(HashSet<string> sockets)
    {
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(directory), CultureInfo.InvariantCulture, out var processId) && Owns(directory, sockets))
            {
                return processId;
            }
        }

        return null;
    }

    private static bool Owns(string processDirectory, HashSet<string> sockets)
    {
        try
        {
            return new DirectoryInfo(Path.Combine(processDirectory, "fd")).EnumerateFiles().Any(file => file.LinkTarget is { } target && sockets.Contains(target));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Another user's process, or one that has just ended.
            return false;
        }
    }

    private static long Parse(string field) => long.Parse(field, CultureInfo.InvariantCulture);
}
