using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Orleans;
using OrleansStream.Abstractions;
using OrleansStream.Grains.Brokers;
using OrleansStream.Grains.Partitions;

namespace OrleansStream.Grains.Replication;

/// <summary>The replicas of this broker that follow, by the broker that leads them: one fetcher each. Thread-safe.</summary>
internal sealed class ReplicaFetchers(
    IGrainFactory grains, BrokerState broker, ITopicConfigs configs, TimeProvider time, ILogger<ReplicaFetcher> logger) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<int, ReplicaFetcher> _fetchers = new();
    private readonly ConcurrentDictionary<TopicPartition, int> _leaders = new();

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

        _leaders[replica.TopicPartition] = leader;
        _fetchers.GetOrAdd(leader, NewFetcher).Add(replica);
    }

    /// <summary>A replica does not follow any more.</summary>
    public void Unfollow(TopicPartition partition)
    {
        if (_leaders.TryRemove(partition, out var leader) && _fetchers.TryGetValue(leader, out var fetcher))
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

    private ReplicaFetcher NewFetcher(int leader)
        => new(leader, grains.GetGrain<IBrokerGrain>(leader), broker, configs, time, logger);
}
