using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using OrleansStream.Abstractions;
using OrleansStream.Core.Controller;

namespace OrleansStream.Grains.Controllers;

/// <summary>
/// The controller's line to one registration of one broker: instructions arrive in order, each until it got through. A broker
/// that cannot be reached holds up nobody else.
/// </summary>
internal sealed partial class BrokerChannel : IAsyncDisposable
{
    /// <summary>How many instructions may wait for one broker; a controller with a fuller line starts over.</summary>
    private const int Capacity = 1000;

    private static readonly TimeSpan MinBackoff = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan MaxBackoff = TimeSpan.FromSeconds(5);

    /// <summary>How long a broker is looked for that is not registered any more: most are dead.</summary>
    private static readonly TimeSpan FarewellPatience = TimeSpan.FromSeconds(5);

    private readonly Channel<Entry> _entries = Channel.CreateBounded<Entry>(
        new BoundedChannelOptions(Capacity) { SingleReader = true, SingleWriter = true });

    private readonly CancellationTokenSource _stopped = new();
    private readonly IBrokerGrain _broker;
    private readonly ControllerContext _context;
    private readonly Task _loop;
    private int _isDisposed;

    public BrokerChannel(int brokerId, long brokerEpoch, bool isFarewell, IBrokerGrain grain, ControllerContext context)
    {
        BrokerId = brokerId;
        BrokerEpoch = brokerEpoch;
        IsFarewell = isFarewell;
        _broker = grain;
        _context = context;
        _loop = RunAsync(_stopped.Token);
    }

    public int BrokerId { get; }

    public long BrokerEpoch { get; }

    /// <summary>Whether the broker is gone from the registry: it is told what it can be told, and nobody waits for it.</summary>
    public bool IsFarewell { get; }

    /// <summary>Queues an instruction.</summary>
    /// <returns>False when the line is full.</returns>
    public bool TrySend(BrokerInstruction instruction) => _entries.Writer.TryWrite(new Entry(instruction, null));

    /// <summary>Completes when the broker has been told all that is in the line now, or is not told anything any more.</summary>
    public Task WhenToldAsync()
    {
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return _entries.Writer.TryWrite(new Entry(null, told)) ? Task.WhenAny(told.Task, _loop) : Task.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            await _stopped.CancelAsync();
            await _loop;
            _stopped.Dispose();
        }
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var deadline = IsFarewell ? _context.Time.CreateTimer(_ => patience.Cancel(), null, FarewellPatience, Timeout.InfiniteTimeSpan) : null;
        cancellationToken = patience.Token;
        try
        {
            await foreach (var (instruction, told) in _entries.Reader.ReadAllAsync(cancellationToken))
            {
                told?.TrySetResult();
                if (instruction is not null && !await CarryOutAsync(instruction, cancellationToken))
                {
                    return;
                }
            }
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            // The broker went, or this controller did; or it had gone before. A call that failed at that very moment is no news.
        }
    }

    /// <returns>False when the broker has heard of a newer controller or has registered anew: nothing more gets through.</returns>
    private async Task<bool> CarryOutAsync(BrokerInstruction instruction, CancellationToken cancellationToken)
    {
        foreach (var message in InstructionMessages.LeaderAndIsr(_context.ControllerId, instruction))
        {
            var request = message with { Number = _context.NextRequestNumber() };
            var response = await RetryAsync(token => _broker.LeaderAndIsrAsync(request, token), response => response.Error, cancellationToken);
            if (response.Error != ErrorCode.None)
            {
                return Fenced(response.Error);
            }

            var offline = request.Partitions.Zip(response.Partitions)
                .Where(pair => pair.Second == ErrorCode.KafkaStorageError)
                .Select(pair => new TopicPartition(pair.First.Topic, pair.First.Partition))
                .ToArray();
            if (offline.Length > 0)
            {
                _context.ReportOffline(BrokerId, BrokerEpoch, offline);
            }
        }

        if (instruction.Metadata is { } metadata)
        {
            var request = InstructionMessages.Metadata(_context.ControllerId, _context.ClusterId, instruction, metadata) with { Number = _context.NextRequestNumber() };
            var error = await RetryAsync(token => _broker.UpdateMetadataAsync(request, token), error => error, cancellationToken);
            if (error != ErrorCode.None)
            {
                return Fenced(error);
            }
        }

        foreach (var message in InstructionMessages.StopReplica(_context.ControllerId, instruction))
        {
            var request = message with { Number = _context.NextRequestNumber() };
            var response = await RetryAsync(token => _broker.StopReplicaAsync(request, token), response => response.Error, cancellationToken);
            if (response.Error != ErrorCode.None)
            {
                return Fenced(response.Error);
            }

            if (IsFarewell)
            {
                // It deletes nothing.
                continue;
            }

            _context.ReportStopped(
                BrokerId,
                [.. request.Partitions.Zip(response.Partitions, (stop, error) => (new TopicPartition(stop.Topic, stop.Partition), error))]);
        }

        return true;
    }

    private bool Fenced(ErrorCode error)
    {
        LogFenced(_context.Logger, BrokerId, BrokerEpoch, _context.ControllerEpoch, error);
        return false;
    }

    private async Task<T> RetryAsync<T>(Func<CancellationToken, Task<T>> call, Func<T, ErrorCode> errorOf, CancellationToken cancellationToken)
    {
        var backoff = MinBackoff;
        while (true)
        {
            try
            {
                // Whoever does not heed the token must not keep the line from being closed.
                var answer = await call(cancellationToken).WaitAsync(cancellationToken);
                if (errorOf(answer) != ErrorCode.BrokerNotAvailable)
                {
                    return answer;
                }

                // It has not heard the answer to its registration yet.
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                // The broker does what it is told as often as it is told; whether it is alive, the registry says.
                if (!IsFarewell)
                {
                    LogRetry(_context.Logger, exception, BrokerId, backoff);
                }
            }

            await Task.Delay(backoff, _context.Time, cancellationToken);
            backoff = backoff * 2 < MaxBackoff ? backoff * 2 : MaxBackoff;
        }
    }

    /// <summary>An instruction, or whoever waits until those before it have been carried out.</summary>
    private readonly record struct Entry(BrokerInstruction? Instruction, TaskCompletionSource? Told);

    [LoggerMessage(1, LogLevel.Warning, "Broker {BrokerId} of epoch {BrokerEpoch} refuses this controller of epoch {ControllerEpoch}: {Error}")]
    private static partial void LogFenced(ILogger logger, int brokerId, long brokerEpoch, int controllerEpoch, ErrorCode error);

    [LoggerMessage(2, LogLevel.Warning, "Broker {BrokerId} could not be told; trying again in {Backoff}")]
    private static partial void LogRetry(ILogger logger, Exception exception, int brokerId, TimeSpan backoff);
}

/// <summary>What the lines to brokers need of the controller.</summary>
internal sealed record ControllerContext(
    int ControllerId,
    int ControllerEpoch,
    string ClusterId,
    Action<int, long, IReadOnlyCollection<TopicPartition>> ReportOffline,
    Action<int, IReadOnlyCollection<(TopicPartition Partition, ErrorCode Error)>> ReportStopped,
    Func<long> NextRequestNumber,
    TimeProvider Time,
    ILogger Logger);
