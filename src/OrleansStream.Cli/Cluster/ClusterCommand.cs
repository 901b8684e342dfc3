using System.CommandLine;
using System.Globalization;
using OrleansStream.Abstractions;
using OrleansStream.Cli.Invocation;
using OrleansStream.Cli.Terminal;

namespace OrleansStream.Cli.Cluster;

/// <summary><c>ostream cluster</c>, and its <c>describe</c>.</summary>
internal static class ClusterCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create(GlobalOptions global, CommandEnvironment environment)
    {
        var describe = new Command("describe", "Shows the cluster's id, controller and brokers.");
        describe.SetAction(async (parse, cancellationToken) =>
        {
            await using var client = await global.ConnectAsync(parse, environment, cancellationToken).ConfigureAwait(false);
            var cluster = await client.Admin.DescribeClusterAsync(cancellationToken).ConfigureAwait(false);
            if (parse.GetValue(global.Json))
            {
                WriteJson(cluster, environment);
            }
            else
            {
                WriteText(cluster, environment);
            }

            return ExitCode.Success;
        });
        return new Command("cluster", "Looks at the cluster and its brokers, and configures them.")
        {
            describe,
            ClusterConfigsCommand.Create(global, environment),
            ClusterAlterCommand.Create(global, environment),
        };
    }

    private static void WriteText(ClusterMetadata cluster, CommandEnvironment environment)
    {
        using var text = environment.OpenText();
        text.WriteLine($"cluster     {cluster.ClusterId}");
        text.WriteLine($"controller  {(cluster.ControllerId < 0 ? "none" : cluster.ControllerId.ToString(CultureInfo.InvariantCulture))}");
        text.WriteLine();
        var table = new TextTable("BROKER", "KAFKA", "GATEWAY", "RACK", "EPOCH");
        foreach (var broker in cluster.Brokers)
        {
            table.Add(
                broker.BrokerId.ToString(CultureInfo.InvariantCulture),
                $"{broker.Host}:{broker.KafkaPort}",
                $"{broker.Host}:{broker.GatewayPort}",
                broker.Rack ?? "-",
                broker.BrokerEpoch.ToString(CultureInfo.InvariantCulture));
        }

        table.WriteTo(text);
    }

    private static void WriteJson(ClusterMetadata cluster, CommandEnvironment environment) =>
        JsonOutput.Write(environment.Output, json =>
        {
            json.WriteStartObject();
            json.WriteString("clusterId", cluster.ClusterId);
            json.WriteNumber("controllerId", cluster.ControllerId);
            json.WriteStartArray("brokers");
            foreach (var broker in cluster.Brokers)
            {
                json.WriteStartObject();
                json.WriteNumber("brokerId", broker.BrokerId);
                json.WriteString("host", broker.Host);
                json.WriteNumber("kafkaPort", broker.KafkaPort);
                json.WriteNumber("gatewayPort", broker.GatewayPort);
                json.WriteString("rack", broker.Rack);
                json.WriteNumber("brokerEpoch", broker.BrokerEpoch);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        });
}
