using OrleansStream.Abstractions;
using OrleansStream.Core.Controller;
using OrleansStream.Core.Topics;

namespace OrleansStream.Grains.Controllers;

/// <summary>The controller machine's instructions as the messages that brokers take.</summary>
internal static class InstructionMessages
{
    /// <summary>How many partitions go into one request: opening logs takes time, and a request has a deadline.</summary>
    public const int MaxPartitionsPerRequest = 256;

    public static IEnumerable<LeaderAndIsrRequest> LeaderAndIsr(int controllerId, BrokerInstruction instruction)
        => instruction.LeaderAndIsr.Chunk(MaxPartitionsPerRequest).Select(chunk => new LeaderAndIsrRequest(
            controllerId,
            instruction.ControllerEpoch,
            instruction.BrokerEpoch,
            Array.ConvertAll(chunk, partition => new LeaderAndIsrPartition(
                partition.Partition.Topic,
                partition.Partition.Partition,
                partition.TopicId,
                instruction.ControllerEpoch,
                partition.State.LeaderAndIsr.Leader,
                partition.State.LeaderAndIsr.LeaderEpoch,
                partition.State.PartitionEpoch,
                [.. partition.Assignment.Replicas],
                [.. partition.State.LeaderAndIsr.Isr],
                partition.State.LeaderAndIsr.Elr.IsEmpty ? null : [.. partition.State.LeaderAndIsr.Elr],
                partition.State.LeaderAndIsr.BrokerEpochs.ToDictionary()))));

    public static IEnumerable<StopReplicaRequest> StopReplica(int controllerId, BrokerInstruction instruction)
        => instruction.StopReplicas.Chunk(MaxPartitionsPerRequest).Select(chunk => new StopReplicaRequest(
            controllerId,
            instruction.ControllerEpoch,
            instruction.BrokerEpoch,
            Array.ConvertAll(chunk, stop => new StopReplicaPartition(
                stop.Partition.Topic, stop.Partition.Partition, stop.LeaderEpoch, stop.DeletePartition))));

    public static UpdateMetadataRequest Metadata(int controllerId, string clusterId, BrokerInstruction instruction, MetadataUpdate update)
        => new(
            controllerId,
            instruction.ControllerEpoch,
            instruction.BrokerEpoch,
            new ClusterMetadata(
                clusterId,
                controllerId,
                [.. update.Brokers.Select(Broker)],
                [.. update.Topics.Select(topic => new TopicMetadata(
                    ErrorCode.None,
                    topic.Topic,
                    topic.TopicId,
                    InternalTopics.Contains(topic.Topic),
                    [.. topic.Partitions.Select(Partition)]))]),
            update.IsFull,
            [.. update.DeletedTopics]);

    private static BrokerMetadata Broker(LiveBroker broker) => new(
        broker.BrokerId,
        broker.Registration.GatewayHost,
        broker.Registration.Endpoints.FirstOrDefault()?.Port ?? 0,
        broker.Registration.GatewayPort,
        broker.Registration.Rack,
        broker.BrokerEpoch);

    private static PartitionMetadata Partition(PartitionInstruction partition) => new(
        partition.State.LeaderAndIsr.Leader == Core.Controller.LeaderAndIsr.NoLeader ? ErrorCode.LeaderNotAvailable : ErrorCode.None,
        partition.Partition.Partition,
        partition.State.LeaderAndIsr.Leader,
        partition.State.LeaderAndIsr.LeaderEpoch,
        [.. partition.Assignment.Replicas],
        [.. partition.State.LeaderAndIsr.Isr],
        [.. partition.OfflineReplicas]);
}
