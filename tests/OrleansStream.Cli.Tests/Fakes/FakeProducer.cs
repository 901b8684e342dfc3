using System.Text;
using OrleansStream.Client;

namespace OrleansStream.Cli.Tests.Fakes;

/// <summary>Keeps what is sent, and delivers it or not as the test says.</summary>
internal sealed class FakeProducer : IProducer<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?>
{
    private readonly List<(byte[]? Key, byte[] Value, Message<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?> Message)> _sent = [];

    public ProducerOptions<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?> Options { get; } = new();

    public IEnumerable<string?> Keys => _sent.Select(record => record.Key is null ? null : Encoding.UTF8.GetString(record.Key));

    public IEnumerable<byte[]> Values => _sent.Select(record => record.Value);

    public IEnumerable<Message<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?>> Messages => _sent.Select(record => record.Message);

    public int Flushes { get; private set; }

    /// <summary>The number (from 1) of the record that fails, and how; none by default.</summary>
    public int FailingRecord { get; set; }

    public bool FailsWhenSent { get; set; }

    public ValueTask SendAsync(
        string topic,
        Message<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?> message,
        DeliveryHandler? handler = null,
        object? state = null,
        CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var failure = new ProduceException(ErrorCode.MessageTooLarge, new TopicPartition(topic, 0), "too large for the topic");
        if (_sent.Count + 1 == FailingRecord && FailsWhenSent)
        {
            throw failure;
        }

        _sent.Add((message.Key?.ToArray(), message.Value!.Value.ToArray(), message));
        if (_sent.Count == FailingRecord)
        {
            (handler ?? Options.OnDeliveryFailed)?.Invoke(new DeliveryReport(default, state, failure));
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask FlushAsync(CancellationToken cancellationToken = default)
    {
        Flushes++;
        return ValueTask.CompletedTask;
    }

    public ValueTask<DeliveryResult> ProduceAsync(string topic, Message<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?> message, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();

    public ValueTask<FanOutResult> ProduceToAllAsync(
        IReadOnlyList<string> topics,
        Message<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?> message,
        CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public ValueTask<int> GetPartitionCountAsync(string topic, CancellationToken cancellationToken = default) => ValueTask.FromResult(1);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
