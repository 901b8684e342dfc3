namespace OrleansStream.Abstractions;

/// <summary>
/// The Orleans identity of a cluster unless it is configured otherwise: brokers and clients that are told nothing find
/// each other. It has nothing to do with Kafka's <c>cluster.id</c>, which is in <see cref="ClusterMetadata"/>.
/// </summary>
public static class ClusterDefaults
{
    /// <summary>Orleans' <c>ClusterOptions.ClusterId</c>.</summary>
    public const string ClusterId = "OrleansStream";

    /// <summary>Orleans' <c>ClusterOptions.ServiceId</c>.</summary>
    public const string ServiceId = "OrleansStream";
}
