namespace OrleansStream.Faults.Processes;

/// <summary>A program that the harness needs did not do what it was told.</summary>
public sealed class CommandFailedException(string message) : Exception(message);
