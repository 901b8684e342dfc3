namespace OrleansStream.ZooKeeper.Session;

/// <summary>Watches that are set again together.</summary>
internal sealed record WatchBatch(List<string> Data, List<string> Existence, List<string> Children);

/// <summary>Divides the watches of a session into requests that a server takes.</summary>
internal static class WatchBatches
{
    /// <summary>A request with more characters of paths than this is closed; as in ZooKeeper's own client.</summary>
    private const int MaxCharacters = 128 * 1024;

    public static IEnumerable<WatchBatch> Make(WatchRegistry watches, Func<string, string> serverPath)
    {
        var batch = new WatchBatch([], [], []);
        var characters = 0;
        (IReadOnlyCollection<string> Paths, Func<WatchBatch, List<string>> List)[] sorts =
        [
            (watches.DataPaths, b => b.Data),
            (watches.ExistencePaths, b => b.Existence),
            (watches.ChildrenPaths, b => b.Children),
        ];
        foreach (var (paths, list) in sorts)
        {
            foreach (var path in paths)
            {
                var onServer = serverPath(path);
                list(batch).Add(onServer);
                characters += onServer.Length;
                if (characters >= MaxCharacters)
                {
                    yield return batch;
                    batch = new WatchBatch([], [], []);
                    characters = 0;
                }
            }
        }

        if (characters > 0)
        {
            yield return batch;
        }
    }
}
