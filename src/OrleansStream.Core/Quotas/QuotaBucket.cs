namespace OrleansStream.Core.Quotas;

/// <summary>Clients whose use is added up: those of one user, of one client id, or of both.</summary>
/// <param name="User">The user; null when the quota does not look at it.</param>
/// <param name="ClientId">The client id; null when the quota does not look at it.</param>
public readonly record struct QuotaBucket(string? User, string? ClientId);
