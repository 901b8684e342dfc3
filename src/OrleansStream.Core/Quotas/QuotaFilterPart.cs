namespace OrleansStream.Core.Quotas;

/// <summary>What a <see cref="QuotaFilter"/> demands of one part of an entity.</summary>
/// <param name="Type">The type of the part, as in <see cref="QuotaEntity"/>.</param>
/// <param name="Match">What it must be.</param>
/// <param name="Name">Its name with <see cref="QuotaMatch.Exact"/>, else null.</param>
public readonly record struct QuotaFilterPart(string Type, QuotaMatch Match, string? Name);
