using OrleansStream.Abstractions;

namespace OrleansStream.Client;

/// <content>Client quotas.</content>
internal sealed partial class AdminClient
{
    /// <inheritdoc/>
    public async Task<IReadOnlyList<ClientQuota>> DescribeClientQuotasAsync(
        IEnumerable<QuotaFilterPart>? filter = null,
        bool isStrict = false,
        CancellationToken cancellationToken = default)
    {
        QuotaFilterPart[] parts = filter is null ? [] : [.. filter];
        var described = await context.CallClusterAsync(
            (grain, token) => grain.DescribeClientQuotasAsync(parts, isStrict, token),
            isRepeatable: true,
            cancellationToken).ConfigureAwait(false);
        return described.Error == ErrorCode.None
            ? described.Quotas
            : throw new OrleansStreamException(described.Error, described.ErrorMessage ?? $"The quotas cannot be described: {described.Error}.");
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<QuotaAlterationResult>> AlterClientQuotasAsync(
        IEnumerable<QuotaAlteration> alterations,
        bool validateOnly = false,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(alterations);
        QuotaAlteration[] wanted = [.. alterations];
        return await context.CallClusterAsync(
            (grain, token) => grain.AlterClientQuotasAsync(wanted, validateOnly, token),
            isRepeatable: false,
            cancellationToken).ConfigureAwait(false);
    }
}
