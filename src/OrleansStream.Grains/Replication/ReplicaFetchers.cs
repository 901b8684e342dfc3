using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Orleans;
using OrleansStream.Abstractions;
using OrleansStream.Core.Configuration;
using OrleansStream.Grains.Brokers;
using OrleansStream.Grains.Partitions;

namespace OrleansStream.Grains.Replication;

/// <summary>
/// The replicas of this broker that follow: for each broker that leads some of them, <c>num.replica.fetchers</c> fetchers share them. Another number
/// counts for what begins to follow from then on. Thread-safe.
/// </summary>
internal sealed class ReplicaFetchers(
    IGrainFactory grains, BrokerState broker, ITopicConfigs configs, ReplicationThrottles throttles, TimeProvider time, ILogger<ReplicaFetcher> logger) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<(int Leader, int Index), ReplicaFetcher> _fetchers = new();
    private readonly ConcurrentDictionary<TopicPartition, (int Leader, int Index)> _assigned = new();

    /// <summary>A replica follows a leader, in a new leader epoch or for the first time.</summary>
    public void Follow(IHostedPartition replica, int leader)
    {
        if (broker.Stopping.IsCancellationRequested)
        {
            return;
        }

        Unfollow(replica.TopicPartition);
        if (broker.IsLeaving)
        {
            return;
        }

        var fetcher = (leader, IndexOf(replica.TopicPartition, configs.Broker.Get(BrokerConfigKeys.NumReplicaFetchers)));
        _assigned[replica.TopicPartition] = fetcher;
        _fetchers.GetOrAdd(fetcher, NewFetcher).Add(replica);
    }

    /// <summary>A replica does not follow any more.</summary>
    public void Unfollow(TopicPartition partition)
    {
        if (_assigned.TryRemove(partition, out var key) && _fetchers.TryGetValue(key, out var fetcher))
        {
            fetcher.Remove(partition);
        }
    }

    /// <summary>Ends all fetches.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var fetcher in _fetchers.Values)
        {
            await fetcher.DisposeAsync();
        }
    }

    /// <summary>Which of a leader's fetchers copies a partition: those of one topic take turns, and topics begin at different ones.</summary>
    internal static int IndexOf(TopicPartition partition, int count)
    {
        var hash = 0u;
        foreach (var character in partition.Topic)
        {
            hash = (31 * hash) + character;
        }

        return (int)((hash + (uint)partition.Partition) % (uint)count);
    }

    private ReplicaFetcher NewFetcher((int Leader, int Index) key)
        => new(key.Leader, key.Index, grains.GetGrain<IBrokerGrain>(key.Leader), broker, configs, throttles.Follower, time, logger);
}
