using System.Net;
using Orleans;
using OrleansStream.Abstractions;
using OrleansStream.Protocol.Partitioning;

namespace OrleansStream.Gateway.Requests;

/// <summary>
/// The group coordinators of the gateway's own broker: a client talks to the broker that coordinates its group, so nothing is forwarded. One
/// that does not coordinate it says so itself.
/// </summary>
internal sealed class GroupCoordinators(IGrainFactory grains, KafkaGatewayOptions options, BrokerGrains broker)
{
    private const string OffsetsTopic = "__consumer_offsets";

    private volatile int _partitionCount;

    /// <summary>Does something with a group's coordinator; the failures of grain calls become errors that clients know.</summary>
    public async Task<T> CallAsync<T>(
        string groupId, Func<IGroupCoordinatorGrain, Task<T>> call, Func<T, ErrorCode> errorOf, Func<ErrorCode, T> failed, CancellationToken cancellationToken)
    {
        try
        {
            var count = _partitionCount;
            if (count == 0 && (count = (await DescribeTopicAsync(cancellationToken)).Length) == 0)
            {
                return failed(ErrorCode.CoordinatorNotAvailable);
            }

            _partitionCount = count;
            var response = await call(Coordinator(GroupPartition.Of(groupId, count)));
            if (errorOf(response) == ErrorCode.NotCoordinator)
            {
                // Perhaps the topic is another one by now.
                _partitionCount = 0;
            }

            return response;
        }
        catch (Exception exception) when (GrainErrors.IsPassing(exception) && !cancellationToken.IsCancellationRequested)
        {
            return failed(ErrorCode.CoordinatorNotAvailable);
        }
    }

    /// <summary>All coordinators of this broker.</summary>
    public async Task<IReadOnlyList<IGroupCoordinatorGrain>> AllAsync(CancellationToken cancellationToken)
        => [.. (await DescribeTopicAsync(cancellationToken)).Where(partition => partition.Leader == options.BrokerId).Select(partition => Coordinator(partition.Partition))];

    /// <summary>A client's address as Kafka shows it.</summary>
    public static string HostOf(RequestContext context) => context.Client.RemoteEndPoint is IPEndPoint address
        ? $"/{(address.Address.IsIPv4MappedToIPv6 ? address.Address.MapToIPv4() : address.Address)}"
        : string.Empty;

    private IGroupCoordinatorGrain Coordinator(int partition)
        => grains.GetGrain<IGroupCoordinatorGrain>(new GroupCoordinatorKey(partition, options.BrokerId).ToString());

    private async Task<PartitionMetadata[]> DescribeTopicAsync(CancellationToken cancellationToken)
    {
        var metadata = await broker.Cluster.GetMetadataAsync(new MetadataRequest([OffsetsTopic], AllowAutoTopicCreation: false), cancellationToken);
        return metadata.Topics is [{ Error: ErrorCode.None } topic] ? topic.Partitions : [];
    }
}
