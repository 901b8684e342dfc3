using OrleansStream.Gateway.Requests;
using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Gateway.Handlers;

/// <summary>ListPartitionReassignments, 0 (KIP-455). None is ever under way, see <see cref="AlterPartitionReassignmentsHandler"/>.</summary>
internal sealed class ListPartitionReassignmentsHandler : KafkaHandler<ListPartitionReassignmentsRequest>
{
    /// <inheritdoc/>
    protected override ValueTask<IKafkaMessage?> HandleAsync(ListPartitionReassignmentsRequest request, RequestContext context)
        => ValueTask.FromResult<IKafkaMessage?>(new ListPartitionReassignmentsResponse());
}
