using Microsoft.Extensions.Options;
using OrleansStream.Core.Configuration;
using OrleansStream.ZooKeeper;

namespace OrleansStream.Grains.Hosting;

/// <summary>Holds <see cref="BrokerOptions"/> to their rules; each message names the option, its value and the rule.</summary>
public sealed class BrokerOptionsValidator : IValidateOptions<BrokerOptions>
{
    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, BrokerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var failures = new List<string>();
        Require(options.BrokerId >= 0, $"broker-id is {options.BrokerId}; it must be 0 or more.");
        Require(!string.IsNullOrWhiteSpace(options.DataDirectory), "data-dir is empty; it must name a directory.");
        Require(!string.IsNullOrWhiteSpace(options.AdvertisedHost), "advertised-host is empty; it must be a host name or an address.");
        Require(options.KafkaPort is >= 0 and <= 65535, $"kafka-port is {options.KafkaPort}; it must be between 0 and 65535.");
        Require(options.ClusterId is null or { Length: > 0 and <= 255 } && !(options.ClusterId?.Any(char.IsControl) ?? false), $"cluster-id is '{options.ClusterId}'; it must have 1 to 255 characters and no control characters.");
        if (options.ZooKeeper is { } zooKeeper && !ConnectString.TryParse(zooKeeper, out _, out var problem))
        {
            failures.Add($"zookeeper is not valid: {problem}");
        }

        Require(options.MaxWaitingFetches >= 0, $"MaxWaitingFetches is {options.MaxWaitingFetches}; it must be 0 or more.");
        if (BrokerConfig.Create(options.Configs) is { IsSuccess: false } invalid)
        {
            failures.Add(invalid.Message!);
        }

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);

        void Require(bool isRight, string failure)
        {
            if (!isRight)
            {
                failures.Add(failure);
            }
        }
    }
}
