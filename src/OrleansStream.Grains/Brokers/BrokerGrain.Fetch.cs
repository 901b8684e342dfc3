using OrleansStream.Abstractions;
using OrleansStream.Grains.Partitions;

namespace OrleansStream.Grains.Brokers;

/// <content>Fetches over many partitions.</content>
internal sealed partial class BrokerGrain
{
    private uint _fetchCount;
    private int _waitingFetches;

    public async Task<FetchResponse> FetchAsync(FetchRequest request, CancellationToken cancellationToken)
    {
        var metadata = _services.Metadata.Current;
        var allowsFollower = request.Rack is not null && _services.FetchLimits.IsRackAware;
        var fetch = new FetchInProgress(
            request,
            Math.Min(request.MaxBytes, _services.FetchLimits.MaxBytes),
            metadata.TopicNames,
            allowsFollower,
            allowsFollower ? metadata.BrokersIn(request.Rack!) : null);

        // Each fetch begins with another partition, so that none starves when the answer is full before its turn.
        var first = (int)(_fetchCount++ % (uint)Math.Max(1, request.Partitions.Length));
        if (request.MaxWaitMs <= 0 || request.Partitions.Length == 0 || _waitingFetches >= _services.FetchLimits.MaxWaiting)
        {
            await ReadAllAsync(fetch, first, cancellationToken);
            return fetch.ToResponse();
        }

        // Registered before the first read: whatever comes after that read is signalled.
        using var waiter = new PartitionWaiter(
            _services.Time, TimeSpan.FromMilliseconds(request.MaxWaitMs), cancellationToken, _services.Broker.Stopping);
        _services.Signals.Register(waiter, fetch.Partitions);
        _waitingFetches++;
        try
        {
            await ReadAllAsync(fetch, first, cancellationToken);
            var signalled = new List<int>();
            while (!fetch.IsComplete && await waiter.WaitAsync(signalled))
            {
                foreach (var index in signalled)
                {
                    await ReadAsync(fetch, index, cancellationToken);
                }
            }
        }
        finally
        {
            _waitingFetches--;
            _services.Signals.Unregister(waiter, fetch.Partitions);
        }

        return fetch.ToResponse();
    }

    private async Task ReadAllAsync(FetchInProgress fetch, int first, CancellationToken cancellationToken)
    {
        for (var i = 0; i < fetch.Partitions.Length; i++)
        {
            await ReadAsync(fetch, (first + i) % fetch.Partitions.Length, cancellationToken);
        }
    }

    private async Task ReadAsync(FetchInProgress fetch, int index, CancellationToken cancellationToken)
    {
        var (partition, topicId) = (fetch.Partitions[index], fetch.TopicIdOf(index));
        if (_services.Hosted.Find(partition) is not { } hosted)
        {
            fetch.Add(index, NotHere(partition, topicId));
            return;
        }

        if (topicId != Guid.Empty && topicId != hosted.TopicId)
        {
            // The topic is another one of the same name by now, here or where the id comes from.
            fetch.Add(index, FetchInProgress.Refused(
                ErrorCode.InconsistentTopicId, $"The replica of {partition} belongs to topic {hosted.TopicId}, not {topicId}."));
            return;
        }

        if (fetch.RequestFor(index) is { } read)
        {
            // A cancelled fetch is answered with what is there, so the read itself is not cancelled.
            fetch.Add(index, await hosted.Reference.ReadAsync(read, CancellationToken.None));
        }
    }

    private PartitionReadResponse NotHere(TopicPartition partition, Guid topicId)
    {
        var why = _services.Broker.WhyNotHosted(partition, _services.Metadata.Current);
        if (why.Error == ErrorCode.UnknownTopicOrPartition
            && (partition.Topic.Length == 0 || (topicId != Guid.Empty && !_services.Metadata.Current.TopicNames.ContainsKey(topicId))))
        {
            return FetchInProgress.Refused(ErrorCode.UnknownTopicId, $"There is no topic {topicId}.");
        }

        return FetchInProgress.Refused(why.Error, why.Message!);
    }
}
