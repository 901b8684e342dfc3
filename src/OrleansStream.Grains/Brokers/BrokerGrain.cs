using System.Globalization;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Concurrency;
using OrleansStream.Abstractions;
using OrleansStream.Grains.Placement;
using OrleansStream.Grains.Replication;
using OrleansStream.Metadata;

namespace OrleansStream.Grains.Brokers;

/// <summary>One broker: the controller's requests to it, and fetches over many of its partitions.</summary>
[Reentrant]
[KeepAlive]
[BrokerPlacement]
[GrainType("broker")]
internal sealed partial class BrokerGrain : Grain, IBrokerGrain
{
    /// <summary>How many logs are opened or closed at a time.</summary>
    private const int MaxConcurrentOpenings = 32;

    private readonly BrokerServices _services;
    private readonly int _brokerId;

    public BrokerGrain(BrokerServices services)
    {
        _services = services;
        _followerAnswers = new FollowerAnswers(services.Time);
        _brokerId = checked((int)this.GetPrimaryKeyLong());
        if (_brokerId != services.Broker.BrokerId)
        {
            throw new InvalidOperationException($"The grain of broker {_brokerId} was placed on broker {services.Broker.BrokerId}.");
        }
    }

    public async Task<LeaderAndIsrResponse> LeaderAndIsrAsync(LeaderAndIsrRequest request, CancellationToken cancellationToken)
    {
        if (Refuse(request.ControllerId, request.ControllerEpoch, request.BrokerEpoch, request.Number) is { } refusal)
        {
            return new LeaderAndIsrResponse(refusal, []);
        }

        // What the controller has said is carried out, even if that controller is gone meanwhile and waits for no answer, but not after
        // the word of another, or a later one.
        var errors = await ForEachAsync(
            request.ControllerEpoch,
            request.Number,
            request.Partitions,
            partition => Partition(partition.Topic, partition.Partition).LeaderAndIsrAsync(partition, CancellationToken.None));
        return new LeaderAndIsrResponse(ErrorCode.None, errors);
    }

    public async Task<LeaderAndIsrResponse> StopReplicaAsync(StopReplicaRequest request, CancellationToken cancellationToken)
    {
        if (Refuse(request.ControllerId, request.ControllerEpoch, request.BrokerEpoch, request.Number) is { } refusal)
        {
            return new LeaderAndIsrResponse(refusal, []);
        }

        var errors = await ForEachAsync(
            request.ControllerEpoch,
            request.Number,
            request.Partitions,
            partition => Partition(partition.Topic, partition.Partition).StopReplicaAsync(partition.DeletePartition, partition.LeaderEpoch, CancellationToken.None));
        return new LeaderAndIsrResponse(ErrorCode.None, errors);
    }

    public async Task<ErrorCode> UpdateMetadataAsync(UpdateMetadataRequest request, CancellationToken cancellationToken)
    {
        if (Refuse(request.ControllerId, request.ControllerEpoch, request.BrokerEpoch, request.Number) is { } refusal)
        {
            return refusal;
        }

        _services.Metadata.Apply(request);
        if (request.IsFull)
        {
            foreach (var hosted in _services.Hosted.Snapshot().Where(hosted => _services.Metadata.Current.Find(hosted.TopicPartition)?.Replicas.Contains(_brokerId) != true))
            {
                // Reassigned or deleted while nobody could tell this broker.
                await hosted.StopUnassignedAsync();
            }

            // The controller tells the leaders and ISRs first, so the replicas are open by now.
            _services.Broker.SetServing();
        }

        return ErrorCode.None;
    }

    public Task<PartitionDescription[]> DescribeReplicasAsync(string[]? topics, CancellationToken cancellationToken)
    {
        var partitions = _services.Hosted.Snapshot()
            .Where(partition => topics is null || topics.Contains(partition.TopicPartition.Topic, StringComparer.Ordinal))
            .Select(partition => partition.Reference.DescribeAsync(cancellationToken));
        return Task.WhenAll(partitions);
    }

    public Task<ConfigDescription> DescribeConfigAsync(CancellationToken cancellationToken)
        => _services.Configs.DescribeAsync(
            new ConfigResource(ConfigResourceType.Broker, _brokerId.ToString(CultureInfo.InvariantCulture)), cancellationToken);

    private ErrorCode? Refuse(int controllerId, int controllerEpoch, long brokerEpoch, long number)
    {
        var error = _services.Broker.CheckController(controllerEpoch, brokerEpoch, number);
        if (error == ErrorCode.None)
        {
            return null;
        }

        LogFenced(_services.Logger, controllerId, controllerEpoch, brokerEpoch, error);
        return error;
    }

    private IPartitionGrain Partition(string topic, int partition)
        => GrainFactory.GetGrain<IPartitionGrain>(new PartitionGrainKey(new TopicPartition(topic, partition), _brokerId).ToString());

    /// <summary>Does something with all partitions, a bounded number at a time, in turns of this grain.</summary>
    private async Task<ErrorCode[]> ForEachAsync<T>(int controllerEpoch, long number, T[] partitions, Func<T, Task<ErrorCode>> action)
    {
        using var slots = new SemaphoreSlim(MaxConcurrentOpenings);
        return await Task.WhenAll(partitions.Select(async partition =>
        {
            await slots.WaitAsync();
            try
            {
                return _services.Broker.IsLastWord(controllerEpoch, number) ? await action(partition) : ErrorCode.InvalidUpdateVersion;
            }
            catch (Exception exception) when (exception is not MetadataStoreException)
            {
                // One broken partition must not keep the others from being served. A store that cannot be read is another matter:
                // the request fails as a whole, and the controller says it again.
                LogPartitionFailed(_services.Logger, exception, partition);
                return ErrorCode.UnknownServerError;
            }
            finally
            {
                slots.Release();
            }
        }));
    }

    [LoggerMessage(2, LogLevel.Error, "The controller's word on {Partition} could not be carried out")]
    private static partial void LogPartitionFailed(ILogger logger, Exception exception, object? partition);

    [LoggerMessage(1, LogLevel.Warning, "A request of controller {ControllerId} with controller epoch {ControllerEpoch} and broker epoch {BrokerEpoch} was refused: {Error}")]
    private static partial void LogFenced(ILogger logger, int controllerId, int controllerEpoch, long brokerEpoch, ErrorCode error);
}
