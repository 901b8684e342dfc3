using Orleans;
using Orleans.Concurrency;
using OrleansStream.Abstractions;
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
}
