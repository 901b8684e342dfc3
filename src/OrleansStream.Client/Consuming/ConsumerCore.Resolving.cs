using OrleansStream.Abstractions;

namespace OrleansStream.Client;

/// <content>Finding out a partition's leader and where to start in it.</content>
internal sealed partial class ConsumerCore
{
    private async Task ResolveAsync(ConsumerPartition partition, int version)
    {
        try
        {
            TimeSpan pause;
            OffsetSpec? start;
            bool refresh;
            lock (_gate)
            {
                pause = partition.Pause;
                partition.Pause = TimeSpan.Zero;
                start = partition.HasPosition ? null : partition.Start;
                refresh = partition.NeedsRefresh;
            }

            if (pause > TimeSpan.Zero)
            {
                await Task.Delay(pause, Time, _stopping.Token).ConfigureAwait(false);
            }

            var metadata = await GetMetadataAsync(partition.TopicPartition, refresh).ConfigureAwait(false);
            var offset = start is { } wanted ? await FindOffsetAsync(partition.TopicPartition, metadata, wanted).ConfigureAwait(false) : -1;
            lock (_gate)
            {
                if (partition.Version != version || partition.IsRemoved)
                {
                    return;
                }

                partition.IsResolving = false;
                partition.NeedsRefresh = false;
                partition.Leader = metadata.Leader;
                partition.LeaderEpoch = metadata.LeaderEpoch;
                if (start is not null)
                {
                    partition.StartAt(offset);
                    Log.Starting(partition.TopicPartition, offset, metadata.Leader);
                }

                SignalReader();
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            return;
        }
#pragma warning disable CA1031 // Whatever it is, it is told to the reader or tried again.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            ResolvingFailed(partition, version, exception);
        }

        Pump();
    }

    private async Task<PartitionMetadata> GetMetadataAsync(TopicPartition topicPartition, bool refresh)
    {
        var known = Context.Metadata.TryGet(topicPartition.Topic);
        var entry = known is not null && !refresh && !Context.Metadata.IsOld(known) && known.Partition(topicPartition.Partition) is { Leader: >= 0 }
            ? known
            : await Context.Metadata.RefreshAsync(topicPartition.Topic, known?.Version ?? -1, false, _stopping.Token).ConfigureAwait(false);
        return LeaderCalls.RequireLeader(entry, topicPartition);
    }

    private async Task<long> FindOffsetAsync(TopicPartition topicPartition, PartitionMetadata metadata, OffsetSpec start)
    {
        if (start.IsCommitted)
        {
            if (Group is null)
            {
                throw new InvalidOperationException($"{topicPartition} is to start where its group has committed, but the consumer has no GroupId.");
            }

            var committed = await Group.FindCommittedAsync([topicPartition], _stopping.Token).ConfigureAwait(false);
            if (committed.TryGetValue(topicPartition, out var found))
            {
                return found.Offset;
            }

            start = Options.AutoOffsetReset switch
            {
                AutoOffsetReset.Earliest => OffsetSpec.Earliest,
                AutoOffsetReset.Latest => OffsetSpec.Latest,
                _ => throw new OrleansStreamException(
                    ErrorCode.OffsetOutOfRange,
                    $"Group '{Options.GroupId}' has committed no offset, and AutoOffsetReset.None forbids another. Seek, or commit one."),
            };
        }

        var factory = await Context.GetGrainFactoryAsync(metadata.Leader, _stopping.Token).ConfigureAwait(false);
        var grain = factory.GetGrain<IPartitionGrain>(new PartitionGrainKey(topicPartition, metadata.Leader).ToString());
        var offset = await AskAsync(start.SearchTimestamp).ConfigureAwait(false);
        return offset >= 0 ? offset : await AskAsync(ListOffsetTimestamps.Latest).ConfigureAwait(false);

        async Task<long> AskAsync(long timestamp)
        {
            var request = new ListOffsetRequest(timestamp, metadata.LeaderEpoch, Options.IsolationLevel);
            var answer = await grain.ListOffsetAsync(request, _stopping.Token).WaitAsync(Options.RequestTimeout, Time).ConfigureAwait(false);
            return answer.Error == ErrorCode.None
                ? answer.Offset
                : throw new OrleansStreamException(answer.Error, $"No offset was found for {start}: {answer.Error.Explain()}.");
        }
    }

    private void ResolvingFailed(ConsumerPartition partition, int version, Exception exception)
    {
        var error = CallFailures.ToErrorCode(exception);
        lock (_gate)
        {
            if (partition.Version != version || partition.IsRemoved)
            {
                return;
            }

            partition.IsResolving = false;
            if (error.MayRetry() && !IsUnknownTooLong(partition, error))
            {
                partition.LoseLeader(refresh: true);
                Log.CannotRead(partition.TopicPartition, exception.Message, partition.Pause);
            }
            else
            {
                Fail(partition, error, exception.Message, exception);
            }
        }
    }
}
