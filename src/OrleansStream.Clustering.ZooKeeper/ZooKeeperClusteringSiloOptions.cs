namespace Orleans.Configuration;

/// <summary>Where a silo finds the membership table.</summary>
public class ZooKeeperClusteringSiloOptions
{
    /// <summary>The ensemble, <c>host:port,host:port/chroot</c>; the table is the node of the cluster's id below it.</summary>
    public string ConnectionString { get; set; } = null!;
}
