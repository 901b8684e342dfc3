using System.Globalization;
using OrleansStream.Grains.Hosting;

namespace OrleansStream.Grains.DataDirectories;

/// <summary>
/// A broker's directory: <c>meta.properties</c> says whose it is and in which format, <c>logs/</c> has a directory for each
/// replica, <c>metadata/</c> the Local store. Held by one process at a time.
/// </summary>
public sealed class DataDirectory : IDisposable
{
    /// <summary>The newest format that this program reads and the one that it writes.</summary>
    public const int CurrentFormat = 1;

    private const string MetaFileName = "meta.properties";
    private const string LockFileName = ".lock";
    private const string VersionKey = "version";
    private const string ClusterIdKey = "cluster.id";
    private const string BrokerIdKey = "broker.id";
    private const string DirectoryIdKey = "directory.id";

    private readonly FileStream _lock;
    private readonly int _brokerId;

    private DataDirectory(string path, FileStream @lock, int brokerId, string? clusterId, Guid directoryId)
    {
        Path = path;
        _lock = @lock;
        _brokerId = brokerId;
        ClusterId = clusterId;
        DirectoryId = directoryId;
    }

    /// <summary>The directory's full path.</summary>
    public string Path { get; }

    /// <summary>The cluster that it belongs to; null while it is new and nobody has said (<see cref="JoinCluster"/>).</summary>
    public string? ClusterId { get; private set; }

    /// <summary>The directory's own id, made with it (KIP-858).</summary>
    public Guid DirectoryId { get; }

    /// <summary>Where the replicas' logs are.</summary>
    public string LogsPath => System.IO.Path.Combine(Path, "logs");

    /// <summary>Where the Local metadata store is.</summary>
    public string MetadataPath => System.IO.Path.Combine(Path, "metadata");

    /// <summary>Takes hold of a directory, making it if there is none.</summary>
    /// <param name="path">The directory.</param>
    /// <param name="brokerId">The broker that wants it.</param>
    /// <param name="clusterId">The cluster that it must belong to; null takes what is there.</param>
    /// <param name="newId">An id for what has to be made.</param>
    /// <exception cref="BrokerStartException">It is another's, of a newer format, in use, damaged, or not accessible.</exception>
    public static DataDirectory Open(string path, int brokerId, string? clusterId, Func<Guid> newId)
    {
        ArgumentNullException.ThrowIfNull(newId);
        path = System.IO.Path.GetFullPath(path);
        FileStream? held = null;
        try
        {
            Directory.CreateDirectory(path);
            held = Lock(path);
            var meta = System.IO.Path.Combine(path, MetaFileName);
            DataDirectory directory;
            if (File.Exists(meta))
            {
                var (cluster, directoryId) = ReadMeta(path, meta, brokerId, clusterId);
                directory = new DataDirectory(path, held, brokerId, cluster, directoryId);
                Directory.CreateDirectory(directory.LogsPath);
            }
            else
            {
                DemandEmpty(path);
                directory = new DataDirectory(path, held, brokerId, null, newId());
            }

            held = null;
            return directory;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new BrokerStartException($"The data directory {path} cannot be used: {exception.Message}", exception);
        }
        finally
        {
            held?.Dispose();
        }
    }

    /// <summary>Has the directory belong to a cluster: writes that down in a new one, and checks it in an old one.</summary>
    /// <exception cref="BrokerStartException">It belongs to another cluster, or cannot be written.</exception>
    public void JoinCluster(string clusterId)
    {
        ArgumentException.ThrowIfNullOrEmpty(clusterId);
        if (ClusterId is not null)
        {
            if (!string.Equals(ClusterId, clusterId, StringComparison.Ordinal))
            {
                throw new BrokerStartException($"The data directory {Path} belongs to cluster '{ClusterId}', but the metadata store to cluster '{clusterId}'.");
            }

            return;
        }

        try
        {
            WriteMeta(System.IO.Path.Combine(Path, MetaFileName), clusterId);
            Directory.CreateDirectory(LogsPath);
            ClusterId = clusterId;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new BrokerStartException($"The data directory {Path} cannot be used: {exception.Message}", exception);
        }
    }

    /// <summary>Lets another process have the directory.</summary>
    public void Dispose() => _lock.Dispose();

    private static FileStream Lock(string path)
    {
        var file = System.IO.Path.Combine(path, LockFileName);
        try
        {
            return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException exception) when (File.Exists(file))
        {
            throw new BrokerStartException($"The data directory {path} is in use by another process: {exception.Message}", exception);
        }
    }

    private static (string ClusterId, Guid DirectoryId) ReadMeta(string path, string meta, int brokerId, string? clusterId)
    {
        var properties = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in File.ReadAllLines(meta))
        {
            var equals = line.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0 && !line.StartsWith('#'))
            {
                properties[line[..equals].Trim()] = line[(equals + 1)..].Trim();
            }
        }

        var format = Number(VersionKey);
        if (format > CurrentFormat)
        {
            throw new BrokerStartException($"The data directory {path} has format {format}, but this program reads formats up to {CurrentFormat}: start it with a newer version.");
        }

        var owner = Number(BrokerIdKey);
        if (owner != brokerId)
        {
            throw new BrokerStartException($"The data directory {path} belongs to broker {owner}, but this is broker {brokerId}: give each broker a directory of its own (--data-dir) or its own id (--broker-id).");
        }

        var cluster = Text(ClusterIdKey);
        if (clusterId is not null && !string.Equals(clusterId, cluster, StringComparison.Ordinal))
        {
            throw new BrokerStartException($"The data directory {path} belongs to cluster '{cluster}', but this broker is of cluster '{clusterId}'.");
        }

        return Guid.TryParse(Text(DirectoryIdKey), out var directoryId)
            ? (cluster, directoryId)
            : throw Damaged($"{DirectoryIdKey} is '{Text(DirectoryIdKey)}'");

        int Number(string key) => int.TryParse(Text(key), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw Damaged($"{key} is '{Text(key)}'");

        string Text(string key) => properties.TryGetValue(key, out var text) && text.Length > 0 ? text : throw Damaged($"{key} is missing");

        BrokerStartException Damaged(string what) => new($"The data directory {path} has a damaged {MetaFileName}: {what}.");
    }

    /// <summary>The file is the first thing that a broker writes, so without it the rest is not a broker's, or its owner is unknown.</summary>
    private static void DemandEmpty(string path)
    {
        if (new[] { "logs", "metadata" }.Any(name => Directory.Exists(System.IO.Path.Combine(path, name))))
        {
            throw new BrokerStartException($"The data directory {path} holds data but no {MetaFileName}, so it cannot be told whose it is.");
        }
    }

    private void WriteMeta(string meta, string clusterId)
    {
        var temporary = meta + ".new";
        using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write))
        using (var writer = new StreamWriter(file))
        {
            writer.Write(string.Create(
                CultureInfo.InvariantCulture,
                $"{VersionKey}={CurrentFormat}\n{ClusterIdKey}={clusterId}\n{BrokerIdKey}={_brokerId}\n{DirectoryIdKey}={DirectoryId:D}\n"));
            writer.Flush();
            file.Flush(flushToDisk: true);
        }

        File.Move(temporary, meta, overwrite: true);
    }
}
