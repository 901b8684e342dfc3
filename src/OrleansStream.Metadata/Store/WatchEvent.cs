namespace OrleansStream.Metadata;

/// <summary>What a watch saw. It does not say what the node looks like now: read it again, and watch it again.</summary>
/// <param name="Type">What happened.</param>
/// <param name="Path">The node that was watched.</param>
public readonly record struct WatchEvent(WatchEventType Type, string Path);
