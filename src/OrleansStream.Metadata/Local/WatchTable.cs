namespace OrleansStream.Metadata.Local;

/// <summary>The watches of one session that have not been called yet. Used by the store's loop only.</summary>
internal sealed class WatchTable
{
    private readonly Dictionary<string, List<Action<WatchEvent>>> _onNode = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<Action<WatchEvent>>> _onChildren = new(StringComparer.Ordinal);

    public void WatchNode(string path, Action<WatchEvent> watch) => Add(_onNode, path, watch);

    public void WatchChildren(string path, Action<WatchEvent> watch) => Add(_onChildren, path, watch);

    /// <summary>Takes out the watches that an event calls, each once.</summary>
    public IReadOnlyList<Action<WatchEvent>> Take(WatchEvent watchEvent)
        => watchEvent.Type switch
        {
            WatchEventType.NodeChildrenChanged => Take(_onChildren, watchEvent.Path),
            WatchEventType.NodeDeleted => [.. Take(_onNode, watchEvent.Path).Union(Take(_onChildren, watchEvent.Path))],
            _ => Take(_onNode, watchEvent.Path),
        };

    /// <summary>Takes out all watches with their path.</summary>
    public IReadOnlyList<(string Path, Action<WatchEvent> Watch)> TakeAll()
    {
        var all = _onNode.Concat(_onChildren)
            .SelectMany(entry => entry.Value.Select(watch => (entry.Key, watch)))
            .Distinct()
            .OrderBy(entry => entry.Key, StringComparer.Ordinal)
            .ToArray();
        _onNode.Clear();
        _onChildren.Clear();
        return all;
    }

    private static void Add(Dictionary<string, List<Action<WatchEvent>>> table, string path, Action<WatchEvent> watch)
    {
        if (!table.TryGetValue(path, out var watches))
        {
            table.Add(path, watches = []);
        }

        if (!watches.Contains(watch))
        {
            watches.Add(watch);
        }
    }

    private static List<Action<WatchEvent>> Take(Dictionary<string, List<Action<WatchEvent>>> table, string path)
        => table.Remove(path, out var watches) ? watches : [];
}
