using Microsoft.Extensions.Logging;

namespace OrleansStream.Client;

/// <inheritdoc cref="IOrleansStreamClient"/>
public sealed class OrleansStreamClient : IOrleansStreamClient
{
    /// <inheritdoc/>
    public IAdminClient Admin => throw new NotSupportedException();

    /// <summary>Connects a program of its own, without host and dependency injection.</summary>
    /// <param name="bootstrap">The gateways: <c>HOST:PORT</c>, several with commas between them.</param>
    /// <param name="configure">Sets further options.</param>
    /// <param name="loggerFactory">Where logs go; null for nowhere.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="BrokerUnavailableException">No broker answered; the message says what to do.</exception>
    public static Task<OrleansStreamClient> ConnectAsync(
        string bootstrap,
        Action<OrleansStreamClientOptions>? configure = null,
        ILoggerFactory? loggerFactory = null,
        CancellationToken cancellationToken = default)
        => throw new NotSupportedException();

    /// <inheritdoc/>
    public IProducer<TKey, TValue> CreateProducer<TKey, TValue>(Action<ProducerOptions<TKey, TValue>>? configure = null)
        => throw new NotSupportedException();

    /// <inheritdoc/>
    public IConsumer<TKey, TValue> CreateConsumer<TKey, TValue>(Action<ConsumerOptions<TKey, TValue>>? configure = null)
        => throw new NotSupportedException();

    /// <inheritdoc/>
    public ValueTask ConnectAsync(CancellationToken cancellationToken = default) => throw new NotSupportedException();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => default;
}
