namespace OrleansStream.Simulation.Tests.Checking;

/// <summary>An invariant does not hold.</summary>
internal sealed class SimViolationException(string message) : Exception(message);
