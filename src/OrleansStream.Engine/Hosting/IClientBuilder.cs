using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Orleans.Hosting;

/// <summary>Sets up a client.</summary>
public interface IClientBuilder
{
    /// <summary>The host's configuration.</summary>
    IConfiguration Configuration { get; }

    /// <summary>The host's services.</summary>
    IServiceCollection Services { get; }
}

internal sealed class ClientBuilder(IServiceCollection services, IConfiguration configuration) : IClientBuilder
{
    public IConfiguration Configuration { get; } = configuration;

    public IServiceCollection Services { get; } = services;
}
