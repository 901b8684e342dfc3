using OrleansStream.Core.Controller;

namespace OrleansStream.Metadata.Registry;

/// <summary>A topic as the metadata store has it.</summary>
/// <param name="Assignment">Its id and assignment.</param>
/// <param name="Version">The version of its node, for <see cref="TopicRegistry.SetAssignmentAsync"/>.</param>
public sealed record VersionedTopic(TopicAssignment Assignment, int Version);
