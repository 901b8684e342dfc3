using NSubstitute;
using OrleansStream.Abstractions;
using OrleansStream.Client;

namespace OrleansStream.Cli.Tests.Fakes;

/// <summary>A client without a cluster: a substitute for administration and one producer.</summary>
internal sealed class FakeClient : IOrleansStreamClient
{
    public FakeClient() => SetMaxMessageBytes(1_048_588);

    public IAdminClient Admin { get; } = Substitute.For<IAdminClient>();

    public FakeProducer Producer { get; } = new();

    public void SetMaxMessageBytes(int value) =>
        Admin.DescribeConfigsAsync(Arg.Any<IEnumerable<ConfigResource>>(), Arg.Any<CancellationToken>()).Returns(call =>
            (IReadOnlyList<ConfigDescription>)[.. call.Arg<IEnumerable<ConfigResource>>().Select(resource => new ConfigDescription(
                resource,
                ErrorCode.None,
                null,
                [
                    new ConfigEntry("max.message.bytes", value.ToString(System.Globalization.CultureInfo.InvariantCulture), ConfigSource.DefaultConfig, false, false, ConfigValueType.Int, ""),
                    new ConfigEntry("retention.ms", "60000", ConfigSource.DynamicTopicConfig, false, false, ConfigValueType.Long, ""),
                ]))]);

    public IProducer<TKey, TValue> CreateProducer<TKey, TValue>(Action<ProducerOptions<TKey, TValue>>? configure = null)
    {
        configure?.Invoke((ProducerOptions<TKey, TValue>)(object)Producer.Options);
        return (IProducer<TKey, TValue>)(object)Producer;
    }

    public IConsumer<TKey, TValue> CreateConsumer<TKey, TValue>(Action<ConsumerOptions<TKey, TValue>>? configure = null) =>
        throw new NotSupportedException();

    public ValueTask ConnectAsync(CancellationToken cancellationToken = default) => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
