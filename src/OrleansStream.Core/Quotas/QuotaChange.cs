namespace OrleansStream.Core.Quotas;

/// <summary>A change to one value of an entity.</summary>
/// <param name="Key">One of <see cref="QuotaKeys"/>.</param>
/// <param name="Value">The new value; null removes it.</param>
public readonly record struct QuotaChange(string Key, double? Value);
