using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Orleans;

namespace OrleansStream.Client;

/// <inheritdoc cref="IOrleansStreamClient"/>
public sealed class OrleansStreamClient : IOrleansStreamClient
{
    private readonly ClientContext _context;
    private readonly ConcurrentDictionary<IAsyncDisposable, byte> _children = new();
    private int _isDisposed;

    internal OrleansStreamClient(IClusterConnection connection, OrleansStreamClientOptions options, ILoggerFactory? loggerFactory, TimeProvider? time)
    {
        options.Validate();
        _context = new ClientContext(connection, options, loggerFactory ?? NullLoggerFactory.Instance, time ?? TimeProvider.System);
        Admin = new AdminClient(_context);
    }

    /// <inheritdoc/>
    public IAdminClient Admin { get; }

    internal ClientContext Context => _context;

    /// <summary>Connects a program of its own, without host and dependency injection.</summary>
    /// <param name="bootstrap">The gateways: <c>HOST:PORT</c>, several with commas between them.</param>
    /// <param name="configure">Sets further options.</param>
    /// <param name="loggerFactory">Where logs go; null for nowhere.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="BrokerUnavailableException">No broker answered; the message says what to do.</exception>
    /// <exception cref="OptionsValidationException">An option breaks its rule.</exception>
    public static async Task<OrleansStreamClient> ConnectAsync(
        string bootstrap,
        Action<OrleansStreamClientOptions>? configure = null,
        ILoggerFactory? loggerFactory = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(bootstrap);
        var options = new OrleansStreamClientOptions
        {
            Bootstrap = bootstrap.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
        };
        configure?.Invoke(options);
        return await ConnectAsync(options, loggerFactory, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Connects a program of its own, without host and dependency injection, by gateways or by ZooKeeper.</summary>
    /// <param name="options">The options; <see cref="OrleansStreamClientOptions.Bootstrap"/> or <see cref="OrleansStreamClientOptions.ZooKeeper"/> is set.</param>
    /// <param name="loggerFactory">Where logs go; null for nowhere.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="BrokerUnavailableException">No broker answered; the message says what to do.</exception>
    /// <exception cref="OptionsValidationException">An option breaks its rule.</exception>
    public static async Task<OrleansStreamClient> ConnectAsync(
        OrleansStreamClientOptions options,
        ILoggerFactory? loggerFactory = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        if (options.Bootstrap.Count == 0 && options.ZooKeeper is null)
        {
            throw new OptionsValidationException(
                nameof(OrleansStreamClientOptions),
                typeof(OrleansStreamClientOptions),
                ["OrleansStreamClient.Bootstrap is empty; name the gateways of the brokers, such as 127.0.0.1:30000, or their ZooKeeper."]);
        }

        var connection = new GatewayClusterConnection(options, loggerFactory ?? NullLoggerFactory.Instance, TimeProvider.System);
        var client = new OrleansStreamClient(connection, options, loggerFactory, null);
        try
        {
            await client.ConnectAsync(cancellationToken).ConfigureAwait(false);
            return client;
        }
        catch
        {
            await client.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Uses the grain factory of a silo or of an Orleans client that the caller runs and disposes.</summary>
    /// <param name="grainFactory">The way to the cluster.</param>
    /// <param name="configure">Sets further options; <see cref="OrleansStreamClientOptions.Bootstrap"/> is not used.</param>
    /// <param name="loggerFactory">Where logs go; null for nowhere.</param>
    /// <param name="time">The clock; null for the system's.</param>
    public static OrleansStreamClient FromGrainFactory(
        IGrainFactory grainFactory,
        Action<OrleansStreamClientOptions>? configure = null,
        ILoggerFactory? loggerFactory = null,
        TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(grainFactory);
        var options = new OrleansStreamClientOptions();
        configure?.Invoke(options);
        return new OrleansStreamClient(new HostClusterConnection(grainFactory), options, loggerFactory, time);
    }

    /// <inheritdoc/>
    public IProducer<TKey, TValue> CreateProducer<TKey, TValue>(Action<ProducerOptions<TKey, TValue>>? configure = null)
    {
        var options = new ProducerOptions<TKey, TValue>();
        configure?.Invoke(options);
        return CreateProducer(options);
    }

    /// <inheritdoc/>
    public IConsumer<TKey, TValue> CreateConsumer<TKey, TValue>(Action<ConsumerOptions<TKey, TValue>>? configure = null)
    {
        var options = new ConsumerOptions<TKey, TValue>();
        configure?.Invoke(options);
        return CreateConsumer(options);
    }

    /// <inheritdoc/>
    public async ValueTask ConnectAsync(CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);
        await _context.GetGrainFactoryAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
        {
            return;
        }

        try
        {
            // Producers flush while there is still a connection.
            await Task.WhenAll(_children.Keys.Select(child => child.DisposeAsync().AsTask())).ConfigureAwait(false);
        }
        finally
        {
            await _context.DisposeAsync().ConfigureAwait(false);
        }
    }

    internal IProducer<TKey, TValue> CreateProducer<TKey, TValue>(ProducerOptions<TKey, TValue> options)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);
        ProducerOptionsValidator.Validate(options);
        if (options.Compression != CompressionType.None)
        {
            Protocol.Compression.CompressionCodecs.EnsureAvailable(options.Compression);
        }

        var core = new ProducerCore(_context, options);
        _children.TryAdd(core, 0);
        return new Producer<TKey, TValue>(core, options, Forget);
    }

    internal IConsumer<TKey, TValue> CreateConsumer<TKey, TValue>(ConsumerOptions<TKey, TValue> options)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);
        ConsumerOptionsValidator.Validate(options);
        var core = new ConsumerCore(_context, options);
        _children.TryAdd(core, 0);
        return new Consumer<TKey, TValue>(core, options, Forget);
    }

    private void Forget(IAsyncDisposable child) => _children.TryRemove(child, out _);
}
