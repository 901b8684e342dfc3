using System.Globalization;
using System.Text;
using OrleansStream.Abstractions;
using OrleansStream.Cli.Invocation;
using OrleansStream.Cli.Terminal;
using OrleansStream.Client;

namespace OrleansStream.Cli.Records;

/// <summary>Sends the lines of a stream as records until the input ends, a record fails, or Ctrl-C.</summary>
internal sealed class LineProducer
{
    /// <summary>Lines from this length on carry their number to the delivery handler: only they can be too large.</summary>
    private const int NumberedLineBytes = 64 * 1024;

    private const int RecordsBetweenReports = 0xFFF;

    private readonly ProduceRequest _request;
    private readonly CommandEnvironment _environment;
    private readonly CancellationTokenSource _failed = new();
    private CommandFailedException? _failure;
    private long _undelivered;
    private long _records;
    private long _bytes;

    private LineProducer(ProduceRequest request, CommandEnvironment environment)
    {
        _request = request;
        _environment = environment;
    }

    /// <summary>Sends every line and waits until all are delivered.</summary>
    /// <exception cref="CommandFailedException">A line cannot become a record, or a record was not delivered.</exception>
    public static async Task<ProduceOutcome> RunAsync(
        IOrleansStreamClient client,
        ProduceRequest request,
        Stream input,
        CommandEnvironment environment,
        CancellationToken cancellationToken)
    {
        var maxRecordBytes = await FindMaxRecordBytesAsync(client.Admin, request, cancellationToken).ConfigureAwait(false);
        return await new LineProducer(request, environment).RunAsync(client, input, maxRecordBytes, cancellationToken).ConfigureAwait(false);
    }

    private async Task<ProduceOutcome> RunAsync(IOrleansStreamClient client, Stream input, int maxRecordBytes, CancellationToken cancellationToken)
    {
        var producer = client.CreateProducer<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?>(options =>
        {
            options.Acks = _request.Acks;
            options.Compression = _request.Compression;
            options.LingerMs = _request.LingerMs ?? options.LingerMs;
            options.BatchSize = _request.BatchSize ?? options.BatchSize;
            options.MaxRecordBytes = maxRecordBytes;
            options.PropagateTraceContext = false;
            options.OnDeliveryFailed = OnDelivered;
        });
        await using var disposal = producer.ConfigureAwait(false);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _failed.Token);
        var start = _environment.Time.GetTimestamp();

        // Reading may wait for a pipe or a person, which cannot be cancelled: the reader is left behind when it is time to end.
        var reading = Task.Run(() => SendLinesAsync(producer, input, maxRecordBytes, stop.Token), CancellationToken.None);
        await Task.WhenAny(reading, Task.Delay(Timeout.InfiniteTimeSpan, stop.Token)).ConfigureAwait(false);
        if (reading.IsFaulted && !stop.IsCancellationRequested)
        {
            Fail(reading.Exception.InnerException!, line: null);
        }

        await FlushAsync(producer).ConfigureAwait(false);
        if (_failure is not null)
        {
            var delivered = _records - Interlocked.Read(ref _undelivered);
            throw new CommandFailedException($"{_failure.Message} ({Quantity.Of(delivered, "record")} delivered)", _failure.ExitCode);
        }

        return new ProduceOutcome(_records, _bytes, _environment.Time.GetElapsedTime(start), cancellationToken.IsCancellationRequested);
    }

    private async Task SendLinesAsync(
        IProducer<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?> producer,
        Stream input,
        int maxLineBytes,
        CancellationToken cancellationToken)
    {
        using var reader = new LineReader(input, maxLineBytes);
        using var progress = _environment.StartProgress();
        DeliveryHandler numbered = OnDelivered;
        try
        {
            while (!cancellationToken.IsCancellationRequested && reader.TryRead(out var line))
            {
                var message = ToMessage(line, reader.LineNumber);
                var sent = line.Length < NumberedLineBytes
                    ? producer.SendAsync(_request.Topic, message, cancellationToken: cancellationToken)
                    : producer.SendAsync(_request.Topic, message, numbered, reader.LineNumber, cancellationToken);
                if (!sent.IsCompletedSuccessfully)
                {
                    await sent.ConfigureAwait(false);
                }

                _records++;
                _bytes += line.Length;
                if ((reader.LineNumber & RecordsBetweenReports) == 0)
                {
                    progress.Report(reader.LineNumber, _bytes);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Ctrl-C, or a record failed: what was sent so far is flushed by the caller.
        }
        catch (LineTooLongException error)
        {
            Fail(TooLong(error.Message), line: null);
        }
        catch (OrleansStreamException error)
        {
            Fail(error, reader.LineNumber);
        }
    }

    private Message<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?> ToMessage(ReadOnlyMemory<byte> line, long lineNumber)
    {
        ReadOnlyMemory<byte>? key = null;
        var value = line;
        if (_request.KeySeparator is { } separator)
        {
            var at = line.Span.IndexOf(separator);
            if (at < 0)
            {
                throw new CommandFailedException(
                    $"line {lineNumber.ToString(CultureInfo.InvariantCulture)} has no key separator '{Encoding.UTF8.GetString(separator)}'");
            }

            key = line[..at];
            value = line[(at + separator.Length)..];
        }

        return new Message<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?>(key, value) { Headers = _request.Headers, Partition = _request.Partition };
    }

    private void OnDelivered(in DeliveryReport report)
    {
        if (report.Error is { } error)
        {
            Interlocked.Increment(ref _undelivered);
            Fail(error, report.State as long?);
        }
    }

    private void Fail(Exception error, long? line)
    {
        var failure = error as CommandFailedException
            ?? new CommandFailedException(line is { } number
                ? $"line {number.ToString(CultureInfo.InvariantCulture)}: {error.Message}"
                : error.Message);
        if (Interlocked.CompareExchange(ref _failure, failure, null) is null)
        {
            _failed.Cancel();
        }
    }

    private async Task FlushAsync(IProducer<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?> producer)
    {
        try
        {
            await producer.FlushAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (FlushException error)
        {
            Fail(error.FirstFailure, line: null);
        }
    }

    private CommandFailedException TooLong(string problem) => new(
        $"{problem}, the largest record that topic '{_request.Topic}' takes; raise it with: ostream topics alter {_request.Topic} --config max.message.bytes=N");

    /// <summary>
    /// The largest record that makes sense to send: the topic's max.message.bytes. Compressed batches may be larger before
    /// compression, so only the client's own limit holds for them.
    /// </summary>
    private static async Task<int> FindMaxRecordBytesAsync(IAdminClient admin, ProduceRequest request, CancellationToken cancellationToken)
    {
        if (request.Compression != CompressionType.None)
        {
            return ProducerOptionsValidator.MaxBatchSize;
        }

        var descriptions = await admin.DescribeConfigsAsync([new ConfigResource(ConfigResourceType.Topic, request.Topic)], cancellationToken).ConfigureAwait(false);
        var text = Array.Find(descriptions[0].Entries, entry => entry.Name == "max.message.bytes")?.Value;
        return int.TryParse(text, CultureInfo.InvariantCulture, out var limit)
            ? Math.Clamp(limit, 128, ProducerOptionsValidator.MaxBatchSize)
            : new ProducerOptions().MaxRecordBytes;
    }
}
