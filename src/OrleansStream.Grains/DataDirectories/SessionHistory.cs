using System.Globalization;
using OrleansStream.ZooKeeper;

namespace OrleansStream.Grains.DataDirectories;

/// <summary>
/// The file in the data directory that says which session with ZooKeeper the broker has. The next life of a broker that was killed ends that
/// session, instead of waiting until the servers do: it holds the directory's lock, so whoever had the session is not there any more.
/// </summary>
/// <remarks>
/// The lock says so on one machine and of one directory: the file counts only where it was written, in the same boot, and not in a copy.
/// </remarks>
internal static class SessionHistory
{
    /// <summary>The file's name in the data directory.</summary>
    public const string FileName = "zookeeper.session";

    private const string BootIdFile = "/proc/sys/kernel/random/boot_id";

    /// <summary>The session that the last life in this directory had; null if none is known.</summary>
    public static async Task<SessionCredentials?> ReadAsync(string directory)
    {
        var path = Path.Combine(directory, FileName);
        if (!File.Exists(path) || !File.Exists(BootIdFile))
        {
            return null;
        }

        // A file that was not written to its end says nothing: that session ends by itself.
        var lines = await File.ReadAllLinesAsync(path);
        return lines is [var id, var password, var place, var boot]
            && place == directory
            && boot == await ReadBootIdAsync()
            && long.TryParse(id, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var sessionId)
            && password.Length % 2 == 0
            && password.All(char.IsAsciiHexDigit)
            ? new SessionCredentials(sessionId, Convert.FromHexString(password))
            : null;
    }

    /// <summary>Notes a session, for the owner's eyes only. It is of no use after a crash of the machine, so it need not survive one.</summary>
    public static async Task WriteAsync(string directory, SessionCredentials session)
    {
        if (!File.Exists(BootIdFile))
        {
            return;
        }

        var boot = await ReadBootIdAsync();
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        await using var file = new StreamWriter(Path.Combine(directory, FileName), options);
        await file.WriteAsync(string.Create(
            CultureInfo.InvariantCulture, $"{session.SessionId:x}\n{Convert.ToHexString(session.Password.Span)}\n{directory}\n{boot}\n"));
    }

    private static async Task<string> ReadBootIdAsync() => (await File.ReadAllTextAsync(BootIdFile)).Trim();
}
