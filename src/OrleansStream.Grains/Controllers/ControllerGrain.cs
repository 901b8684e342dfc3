using System.Collections.Immutable;
using Orleans;
using Orleans.Concurrency;
using OrleansStream.Abstractions;
using OrleansStream.Core;
using OrleansStream.Core.Controller;
using OrleansStream.Grains.Placement;

namespace OrleansStream.Grains.Controllers;

/// <summary>Brings brokers' requests to the controller, if it is on this broker.</summary>
[Reentrant]
[KeepAlive]
[BrokerPlacement]
[GrainType("controller")]
internal sealed class ControllerGrain(ControllerService controller) : Grain, IControllerGrain
{
    /// <summary>How long an answer is held back for brokers that are slow to take the controller's word.</summary>
    private static readonly TimeSpan TellingPatience = TimeSpan.FromSeconds(1);

    public async Task<ControlledShutdownResponse> ControlledShutdownAsync(int brokerId, long brokerEpoch, CancellationToken cancellationToken)
    {
        if (controller.Leadership is not { } leadership)
        {
            return new ControlledShutdownResponse(ErrorCode.NotController, [], []);
        }

        var answer = await leadership.AskAsync(
            machine => machine.ShutDownBroker(brokerId, brokerEpoch),
            machine => new ControlledShutdownResponse(
                ErrorCode.None,
                TopicPartitions.Group(machine.PartitionsToHandOver(brokerId)),
                TopicPartitions.Group(machine.PartitionsLedBy(brokerId))),
            cancellationToken);
        if (!answer.IsSuccess)
        {
            return new ControlledShutdownResponse(answer.Error, [], []);
        }

        // Whoever asks the broker that stops is told of the new leader; that one should know of its office by then.
        await leadership.WhenToldAsync(TellingPatience, cancellationToken);
        return answer.Value;
    }

    public async Task<ElectLeadersResponse> ElectLeadersAsync(bool isUnclean, TopicPartitions[]? topics, CancellationToken cancellationToken)
    {
        if (controller.Leadership is not { } leadership)
        {
            return new ElectLeadersResponse(ErrorCode.NotController, []);
        }

        var kind = isUnclean ? LeaderElectionKind.Unclean : LeaderElectionKind.Preferred;
        var promised = ImmutableSortedDictionary<TopicPartition, Outcome>.Empty;
        var answer = await leadership.AskAsync(
            machine =>
            {
                (var step, promised) = machine.ElectLeaders(kind, topics is null ? null : [.. TopicPartitions.Flatten(topics)]);
                return Outcome.Of(step);
            },
            machine => machine.ConfirmElections(kind, promised)
                .Select(result => new PartitionOutcome(result.Key.Topic, result.Key.Partition, result.Value.Error, result.Value.Message))
                .ToArray(),
            cancellationToken);
        return answer.IsSuccess ? new ElectLeadersResponse(ErrorCode.None, answer.Value) : new ElectLeadersResponse(answer.Error, []);
    }

    public async Task<ErrorCode> ReportOfflineReplicasAsync(int brokerId, long brokerEpoch, TopicPartitions[] topics, CancellationToken cancellationToken)
    {
        if (controller.Leadership is not { } leadership)
        {
            return ErrorCode.NotController;
        }

        var answer = await leadership.AskAsync(
            machine => machine.Brokers.Any(broker => broker.BrokerId == brokerId && broker.BrokerEpoch == brokerEpoch)
                ? Outcome.Of(machine.OnReplicasOffline(brokerId, [.. TopicPartitions.Flatten(topics)]))
                : Outcome.Failure(ErrorCode.StaleBrokerEpoch, $"Broker {brokerId} is not registered with epoch {brokerEpoch}."),
            _ => true,
            cancellationToken);
        return answer.Error;
    }
}
