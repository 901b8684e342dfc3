namespace OrleansStream.Core.Quotas;

/// <summary>The name of a user, client id or address in a <see cref="QuotaEntity"/>.</summary>
/// <param name="Name">The name; null for the default, which holds for all that have no quota of their own.</param>
public readonly record struct QuotaName(string? Name)
{
    /// <summary>All that have no quota of their own.</summary>
    public static QuotaName Default => default;

    /// <summary>Whether it is the default.</summary>
    public bool IsDefault => Name is null;
}
