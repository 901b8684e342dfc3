namespace OrleansStream.Core.Controller;

/// <summary>What became of a <see cref="PartitionStateWrite"/>.</summary>
/// <param name="Write">The write.</param>
/// <param name="Written">The state as it now is in the store; null if a version in the store, of the state or of its topic, was not the expected one, or the topic is gone.</param>
public sealed record PartitionStateWriteResult(PartitionStateWrite Write, PartitionState? Written);
