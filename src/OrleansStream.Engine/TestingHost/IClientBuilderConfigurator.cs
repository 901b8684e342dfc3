using Microsoft.Extensions.Configuration;
using Orleans.Hosting;

namespace Orleans.TestingHost;

/// <summary>Sets up the client of a <see cref="TestCluster"/>.</summary>
public interface IClientBuilderConfigurator
{
    /// <summary>Sets up the client.</summary>
    void Configure(IConfiguration configuration, IClientBuilder clientBuilder);
}
