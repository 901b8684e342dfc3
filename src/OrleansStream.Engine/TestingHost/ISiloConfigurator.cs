using Orleans.Hosting;

namespace Orleans.TestingHost;

/// <summary>Sets up each silo of a <see cref="TestCluster"/>.</summary>
public interface ISiloConfigurator
{
    /// <summary>Sets up the silo.</summary>
    void Configure(ISiloBuilder siloBuilder);
}
