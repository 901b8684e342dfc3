using System.CommandLine;
using OrleansStream.Cli.Bench;
using OrleansStream.Cli.Cluster;
using OrleansStream.Cli.Groups;
using OrleansStream.Cli.Quotas;
using OrleansStream.Cli.Records;
using OrleansStream.Cli.Topics;

namespace OrleansStream.Cli.Invocation;

/// <summary>All commands of <c>ostream</c>.</summary>
internal static class CommandLineRoot
{
    /// <summary>Builds the command tree.</summary>
    public static RootCommand Create(CommandEnvironment environment)
    {
        var global = new GlobalOptions();
        return new RootCommand("The command line of OrleansStream. Data goes to stdout, everything else to stderr.")
        {
            TopicsCommand.Create(global, environment),
            ProduceCommand.Create(global, environment),
            ConsumeCommand.Create(global, environment),
            GroupsCommand.Create(global, environment),
            QuotasCommand.Create(global, environment),
            ClusterCommand.Create(global, environment),
            BenchCommand.Create(global, environment),
            global.Bootstrap,
            global.ZooKeeper,
            global.Json,
        };
    }
}
