namespace OrleansStream.Metadata.Registry;

/// <summary>Another broker in the controller's office.</summary>
/// <param name="ControllerId">Its broker id.</param>
/// <param name="Election">The mark of its election.</param>
/// <param name="BrokerEpoch">Its registration; null if it had none when this was read.</param>
public sealed record ControllerIncumbent(int ControllerId, ControllerFence Election, long? BrokerEpoch);
