using System.Globalization;
using OrleansStream.Abstractions;
using OrleansStream.Cli.Invocation;

namespace OrleansStream.Cli.Cluster;

/// <summary>How the command line names the configuration of a broker.</summary>
internal static class BrokerConfigs
{
    /// <summary>Kafka's word for what is set for all brokers.</summary>
    public const string AllBrokers = "default";

    /// <summary>Reads a broker id, or the word for all.</summary>
    public static ConfigResource Parse(string text)
        => new(
            ConfigResourceType.Broker,
            text == AllBrokers ? "" : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _)
                ? text
                : throw CommandFailedException.Usage($"'{text}' is neither a broker id nor '{AllBrokers}', which stands for all brokers."));

    /// <summary>The words for a resource.</summary>
    public static string Name(ConfigResource resource) => resource.Name.Length == 0 ? "all brokers" : $"broker {resource.Name}";
}
