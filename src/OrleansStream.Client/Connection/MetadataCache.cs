using System.Collections.Concurrent;
using OrleansStream.Abstractions;

namespace OrleansStream.Client;

/// <summary>
/// The topics that producers and consumers of one client use. Safe for concurrent use; refreshes of one topic that are
/// wanted at the same time are one request.
/// </summary>
internal sealed class MetadataCache(ClientContext context)
{
    private readonly ConcurrentDictionary<string, TopicEntry> _topics = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Task<TopicEntry>> _refreshes = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private long _version;
    private TaskCompletionSource _refreshed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Called after a topic's metadata were refreshed, on the refreshing thread.</summary>
    public event Action<TopicEntry>? Refreshed;

    /// <summary>Completes with the next refresh of any topic.</summary>
    public Task WhenRefreshed => Volatile.Read(ref _refreshed).Task;

    /// <summary>What is known of a topic, however old; null for nothing.</summary>
    public TopicEntry? TryGet(string topic) => _topics.GetValueOrDefault(topic);

    /// <summary>Whether the entry should be asked for again because of its age.</summary>
    public bool IsOld(TopicEntry entry)
        => context.Time.GetElapsedTime(entry.FetchedAt) >= context.Options.MetadataMaxAge;

    /// <summary>
    /// The topic, from the cache or from a broker. The entry may have an error, such as
    /// <see cref="ErrorCode.UnknownTopicOrPartition"/>; entries with one are not kept.
    /// </summary>
    /// <exception cref="OrleansStreamException">No broker answered.</exception>
    public async ValueTask<TopicEntry> GetAsync(string topic, bool allowCreation, CancellationToken cancellationToken)
        => TryGet(topic) ?? await RefreshAsync(topic, -1, allowCreation, cancellationToken).ConfigureAwait(false);

    /// <summary>Asks for the topic unless something newer than <paramref name="observedVersion"/> is known already.</summary>
    public Task<TopicEntry> RefreshAsync(string topic, long observedVersion, bool allowCreation, CancellationToken cancellationToken)
    {
        Task<TopicEntry> refresh;
        lock (_gate)
        {
            if (observedVersion >= 0 && _topics.TryGetValue(topic, out var known) && known.Version > observedVersion)
            {
                return Task.FromResult(known);
            }

            if (!_refreshes.TryGetValue(topic, out refresh!))
            {
                // The request belongs to all who wait for it, so no single caller's token ends it.
                refresh = FetchAsync(topic, allowCreation);
                if (!refresh.IsCompleted)
                {
                    _refreshes[topic] = refresh;
                    _ = refresh.ContinueWith(
                        (_, state) => Forget((string)state!),
                        topic,
                        CancellationToken.None,
                        TaskContinuationOptions.ExecuteSynchronously,
                        TaskScheduler.Default);
                }
            }
        }

        return refresh.WaitAsync(cancellationToken);
    }

    private void Forget(string topic)
    {
        lock (_gate)
        {
            _refreshes.Remove(topic);
        }
    }

    private async Task<TopicEntry> FetchAsync(string topic, bool allowCreation)
    {
        var request = new MetadataRequest([topic], allowCreation);
        var cluster = await context.GetMetadataAsync(request, context.Stopping).ConfigureAwait(false);
        var answer = Array.Find(cluster.Topics, candidate => candidate.Name == topic)
            ?? new TopicMetadata(ErrorCode.UnknownTopicOrPartition, topic, Guid.Empty, false, []);
        var version = Interlocked.Increment(ref _version);
        var now = context.Time.GetTimestamp();
        if (answer.Error != ErrorCode.None)
        {
            _topics.TryRemove(topic, out _);
            return new TopicEntry(answer, now, version);
        }

        var entry = new TopicEntry(TopicEntry.Newest(TryGet(topic)?.Topic, answer), now, version);
        _topics[topic] = entry;
        Refreshed?.Invoke(entry);
        Interlocked.Exchange(ref _refreshed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
        return entry;
    }
}
