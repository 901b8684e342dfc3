using OrleansStream.Metadata;

namespace OrleansStream.ZooKeeper.Session;

/// <summary>
/// The watches of a session that have not been called yet, in the three sorts that a server tells apart when they are set
/// again after a reconnect. Used by the session's loop only.
/// </summary>
internal sealed class WatchRegistry
{
    private readonly WatchTable _data = new();
    private readonly WatchTable _existence = new();
    private readonly WatchTable _children = new();

    public IReadOnlyCollection<string> DataPaths => _data.Paths;

    public IReadOnlyCollection<string> ExistencePaths => _existence.Paths;

    public IReadOnlyCollection<string> ChildrenPaths => _children.Paths;

    /// <summary>Sets a watch if the read that carried it found what it watches.</summary>
    public void Add(WatchIntent intent, ZooKeeperError error)
    {
        switch (intent.Kind, error)
        {
            case (WatchKind.Data or WatchKind.Existence, ZooKeeperError.Ok):
                _data.Add(intent.Path, intent.Watch);
                break;
            case (WatchKind.Existence, ZooKeeperError.NoNode):
                _existence.Add(intent.Path, intent.Watch);
                break;
            case (WatchKind.Children, ZooKeeperError.Ok):
                _children.Add(intent.Path, intent.Watch);
                break;
        }
    }

    /// <summary>Takes out the watches that an event calls, each once.</summary>
    public IReadOnlyList<Action<WatchEvent>> Take(WatchEvent watchEvent)
        => watchEvent.Type switch
        {
            WatchEventType.NodeChildrenChanged => _children.Take(watchEvent.Path),
            WatchEventType.NodeDeleted =>
                [.. _data.Take(watchEvent.Path).Union(_existence.Take(watchEvent.Path)).Union(_children.Take(watchEvent.Path))],
            _ => [.. _data.Take(watchEvent.Path).Union(_existence.Take(watchEvent.Path))],
        };

    /// <summary>Takes out all watches with their path.</summary>
    public IReadOnlyList<(string Path, Action<WatchEvent> Watch)> TakeAll()
    {
        var all = _data.TakeAll().Concat(_existence.TakeAll()).Concat(_children.TakeAll()).Distinct();
        return [.. all.OrderBy(entry => entry.Path, StringComparer.Ordinal)];
    }

    private sealed class WatchTable
    {
        private readonly Dictionary<string, List<Action<WatchEvent>>> _watches = new(StringComparer.Ordinal);

        public IReadOnlyCollection<string> Paths => _watches.Keys;

        public void Add(string path, Action<WatchEvent> watch)
        {
            if (!_watches.TryGetValue(path, out var watches))
            {
                _watches.Add(path, watches = []);
            }

            if (!watches.Contains(watch))
            {
                watches.Add(watch);
            }
        }

        public List<Action<WatchEvent>> Take(string path) => _watches.Remove(path, out var watches) ? watches : [];

        public (string Path, Action<WatchEvent> Watch)[] TakeAll()
        {
            var all = _watches.SelectMany(entry => entry.Value.Select(watch => (entry.Key, watch))).ToArray();
            _watches.Clear();
            return all;
        }
    }
}
