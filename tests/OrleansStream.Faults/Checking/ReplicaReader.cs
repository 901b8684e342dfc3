using OrleansStream.Client;
using OrleansStream.Faults.Processes;
using OrleansStream.Faults.Running;

namespace OrleansStream.Faults.Checking;

/// <summary>
/// Reads topics on every replica: each broker in turn is the only one that runs, so that it leads every partition and can answer
/// from its own log only.
/// </summary>
internal sealed class ReplicaReader(FaultCluster cluster, IReadOnlyList<TopicHistory> histories, RunLog log)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        var first = new int[]?[histories.Count];
        foreach (var broker in cluster.Brokers)
        {
            await RequireEqualAsync(cancellationToken);
            var others = cluster.Brokers.Where(other => other != broker).ToArray();
            await Task.WhenAll(others.Select(other => other.ShutDownAsync()));
            for (var topic = 0; topic < histories.Count; topic++)
            {
                try
                {
                    if (await CheckAloneAsync(broker, histories[topic], cancellationToken) is { } hashes)
                    {
                        Compare(broker, histories[topic], first[topic] ??= hashes, hashes);
                    }
                }
                catch (OrleansStreamException error)
                {
                    log.Violation($"broker {broker.Id} alone cannot be read: {error.Error} {error.Message}");
                }
            }

            foreach (var other in others)
            {
                other.Start();
            }
        }

        await RequireEqualAsync(cancellationToken);
    }

    private void Compare(BrokerNode broker, TopicHistory history, int[] first, int[] hashes)
    {
        for (var partition = 0; partition < hashes.Length; partition++)
        {
            if (hashes[partition] != first[partition])
            {
                log.Violation($"partition {partition} of {history.Topic} on broker {broker.Id} differs from what the first broker has");
            }
        }
    }

    /// <summary>All replicas are in sync, of one length, and know that all of it is committed.</summary>
    private async Task RequireEqualAsync(CancellationToken cancellationToken)
    {
        var why = "nobody answers";
        var isEqual = await Pace.UntilAsync(
            async stop =>
            {
                if (await cluster.WhyNotWholeAsync(stop) is { } reason)
                {
                    why = reason;
                    return false;
                }

                var topics = histories.Select(history => history.Topic).ToArray();
                var replicas = (await cluster.Admin.DescribeReplicasAsync(topics, stop)).GroupBy(replica => (replica.Topic, replica.Partition)).ToArray();
                var unlike = replicas.FirstOrDefault(group =>
                    group.Count() != cluster.Brokers.Count || group.Any(replica => replica.OfflineReason is not null || replica.HighWatermark != replica.LogEndOffset)
                    || group.Select(replica => replica.LogEndOffset).Distinct().Count() != 1);
                why = unlike is null ? "" : string.Join("; ", unlike.Select(replica =>
                    $"partition {replica.Partition} of {replica.Topic} on broker {replica.BrokerId} ends at {replica.LogEndOffset}, committed {replica.HighWatermark} {replica.OfflineReason}"));
                return replicas.Length == histories.Sum(history => history.Partitions.Count) && unlike is null;
            },
            Patience,
            cancellationToken);
        if (!isEqual)
        {
            log.Violation($"the replicas are not alike after {Patience.TotalSeconds:F0} s without load: {why}");
        }
    }

    private async Task<int[]?> CheckAloneAsync(BrokerNode broker, TopicHistory history, CancellationToken cancellationToken)
    {
        await using var client = await cluster.ConnectAsync([broker], cancellationToken);
        var leads = await Pace.UntilAsync(
            async stop => (await client.Admin.DescribeTopicsAsync([history.Topic], stop))[0].Partitions is { Length: > 0 } partitions
                && partitions.All(partition => partition.Leader == broker.Id),
            Patience,
            cancellationToken);
        if (!leads)
        {
            log.Violation($"broker {broker.Id}, the last one that runs, does not lead every partition of {history.Topic} within {Patience.TotalSeconds:F0} s");
            return null;
        }

        var check = new LogCheck(history);
        await using var consumer = client.CreateConsumer<Ignore, byte[]>();
        await consumer.AssignTopicAsync(history.Topic, OffsetSpec.Earliest, cancellationToken);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            await foreach (var batch in consumer.ConsumeBatchesAsync(ConsumeUntil.CurrentEnd, limit.Token))
            {
                foreach (var record in batch)
                {
                    check.Take(batch.TopicPartition.Partition, record.Offset, record.Value);
                }
            }
        }
        catch (Exception error) when (error is OrleansStreamException || (error is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            log.Violation($"broker {broker.Id} cannot be read to the end: {error.Message}");
        }

        var (findings, hashes) = check.Finish();
        foreach (var finding in findings)
        {
            log.Violation($"on broker {broker.Id}: {finding}");
        }

        log.Say($"broker {broker.Id} alone has {check.RecordCount} records of {history.Topic}, {findings.Count} findings");
        return hashes;
    }
}
