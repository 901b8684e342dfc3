using OrleansStream.Abstractions;

namespace OrleansStream.Client;

/// <content>Client quotas.</content>
public partial interface IAdminClient
{
    /// <summary>The client quotas that a filter lets through (KIP-546), in the order of where they are stored.</summary>
    /// <param name="filter">What the entities must have; null or none lets all through unless the filter is strict.</param>
    /// <param name="isStrict">Whether entities may have nothing else.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="OrleansStreamException">The filter does not make sense.</exception>
    Task<IReadOnlyList<ClientQuota>> DescribeClientQuotasAsync(
        IEnumerable<QuotaFilterPart>? filter = null,
        bool isStrict = false,
        CancellationToken cancellationToken = default);

    /// <summary>Changes client quotas (KIP-546); the changes of one entity are made all or not at all. They hold on each broker by itself.</summary>
    Task<IReadOnlyList<QuotaAlterationResult>> AlterClientQuotasAsync(
        IEnumerable<QuotaAlteration> alterations,
        bool validateOnly = false,
        CancellationToken cancellationToken = default);
}
