using OrleansStream.Cli.Invocation;
using OrleansStream.Client;

namespace OrleansStream.Cli.Bench;

/// <summary>One measurement and what it works with.</summary>
/// <param name="Client">The connection.</param>
/// <param name="Options">What was asked for.</param>
/// <param name="Environment">Time and terminal.</param>
/// <param name="Broker">The broker's process; null if it is not on this machine.</param>
internal sealed record BenchRun(IOrleansStreamClient Client, BenchOptions Options, CommandEnvironment Environment, BrokerProcess? Broker)
{
    /// <summary>Creates the topic if it is not there.</summary>
    public Task EnsureTopicAsync(CancellationToken cancellationToken) =>
        Client.Admin.EnsureTopicAsync(new TopicSpecification(Options.Topic, Options.Partitions ?? -1), cancellationToken);

    /// <summary>The CPU time that this process and the broker have used so far.</summary>
    public CpuUsage ReadCpu() => new(System.Environment.CpuUsage.TotalTime, Broker?.ReadCpuTime());
}

/// <summary>CPU time of both sides.</summary>
/// <param name="Client">This process.</param>
/// <param name="Broker">The broker; null if it is unknown.</param>
internal readonly record struct CpuUsage(TimeSpan Client, TimeSpan? Broker)
{
    /// <summary>What was used since an earlier reading.</summary>
    public CpuUsage Since(CpuUsage earlier) => new(Client - earlier.Client, Broker - earlier.Broker);
}
