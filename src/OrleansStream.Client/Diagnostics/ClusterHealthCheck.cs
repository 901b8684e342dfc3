using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace OrleansStream.Client;

/// <summary>
/// Healthy when a broker answers and there is a controller; degraded without one (data flow, topics cannot be changed).
/// </summary>
internal sealed class ClusterHealthCheck(IAdminClient admin) : IHealthCheck
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(Patience);
        try
        {
            var cluster = await admin.DescribeClusterAsync(limited.Token).ConfigureAwait(false);
            var data = new Dictionary<string, object>
            {
                ["cluster"] = cluster.ClusterId,
                ["controller"] = cluster.ControllerId,
                ["brokers"] = cluster.Brokers.Length,
            };
            return cluster.ControllerId >= 0
                ? HealthCheckResult.Healthy($"{cluster.Brokers.Length} brokers.", data)
                : HealthCheckResult.Degraded("The cluster has no controller.", data: data);
        }
        catch (OrleansStreamException exception)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, exception.Message, exception);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, $"No broker answered within {Patience.TotalSeconds:0} s.", exception);
        }
    }
}
