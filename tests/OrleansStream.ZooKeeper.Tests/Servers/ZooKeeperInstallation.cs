namespace OrleansStream.ZooKeeper.Tests.Servers;

/// <summary>Where Apache ZooKeeper and Java are on this machine.</summary>
internal static class ZooKeeperInstallation
{
    private const string DebianJar = "/usr/share/java/zookeeper.jar";

    /// <summary>Why there are no servers to test against; null if there are.</summary>
    public static string? WhyMissing { get; } = FindOut();

    public static string Java { get; } = FindJava() ?? "java";

    /// <summary>Debian's jar names most of what it needs in its manifest; netty's codec and a logger that writes to stderr are not there.</summary>
    public static string ClassPath { get; } = string.Join(':', Directory.Exists("/usr/share/java")
        ? [DebianJar, "/usr/share/java/slf4j-simple.jar", .. Directory.GetFiles("/usr/share/java", "netty-*.jar")]
        : [DebianJar]);

    public static void SkipIfMissing()
    {
        if (WhyMissing is { } reason)
        {
            Assert.Skip(reason);
        }
    }

    private static string? FindOut()
        => !File.Exists(DebianJar) ? $"Apache ZooKeeper is not installed ({DebianJar}); on Debian: apt-get install zookeeper"
            : FindJava() is null ? "java is not on the PATH; on Debian: apt-get install default-jre-headless"
            : null;

    private static string? FindJava()
        => (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(':')
            .Select(directory => Path.Combine(directory, "java"))
            .FirstOrDefault(File.Exists);
}
