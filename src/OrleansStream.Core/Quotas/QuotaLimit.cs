namespace OrleansStream.Core.Quotas;

/// <summary>The quota that holds for a client.</summary>
/// <param name="Bucket">Who shares it.</param>
/// <param name="PerSecond">The most per second.</param>
public readonly record struct QuotaLimit(QuotaBucket Bucket, double PerSecond);
