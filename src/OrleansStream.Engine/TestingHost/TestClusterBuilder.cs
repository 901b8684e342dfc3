using Microsoft.Extensions.Hosting;

namespace Orleans.TestingHost;

/// <summary>Sets up a <see cref="TestCluster"/>.</summary>
public class TestClusterBuilder
{
    private readonly InProcessTestClusterBuilder _builder;

    /// <summary>Two silos.</summary>
    public TestClusterBuilder()
        : this(2)
    {
    }

    /// <summary>So many silos.</summary>
    public TestClusterBuilder(short initialSilosCount)
    {
        _builder = new InProcessTestClusterBuilder(initialSilosCount);
        Options = new TestClusterOptions
        {
            InitialSilosCount = initialSilosCount,
            ClusterId = _builder.Options.ClusterId,
            ServiceId = _builder.Options.ServiceId,
        };
    }

    /// <summary>The cluster's options.</summary>
    public TestClusterOptions Options { get; }

    /// <summary>Sets up each silo with an <see cref="ISiloConfigurator"/>.</summary>
    public TestClusterBuilder AddSiloBuilderConfigurator<T>()
        where T : new()
    {
        _builder.ConfigureSilo((_, silo) => Configurator<T, ISiloConfigurator>().Configure(silo));
        return this;
    }

    /// <summary>Sets up the client with an <see cref="IClientBuilderConfigurator"/>.</summary>
    public TestClusterBuilder AddClientBuilderConfigurator<T>()
        where T : new()
    {
        _builder.ConfigureClientHost(host => host.UseOrleansClient(
            client => Configurator<T, IClientBuilderConfigurator>().Configure(host.Configuration, client)));
        return this;
    }

    /// <summary>The cluster, not started.</summary>
    public TestCluster Build()
    {
        _builder.Options.InitialSilosCount = Options.InitialSilosCount;
        _builder.Options.ClusterId = Options.ClusterId;
        _builder.Options.ServiceId = Options.ServiceId;
        return new TestCluster(Options, _builder.Build());
    }

    private static TConfigurator Configurator<T, TConfigurator>()
        where T : new()
        => new T() is TConfigurator configurator
            ? configurator
            : throw new ArgumentException($"{typeof(T)} does not implement {typeof(TConfigurator)}.");
}
