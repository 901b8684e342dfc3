using System.Diagnostics;
using System.Globalization;
using System.Text;
using OrleansStream.Faults.Checking;
using OrleansStream.Faults.Running;

namespace OrleansStream.Faults.Clients;

/// <summary>
/// One process of a client that produces at a steady rate, and the account of what it acknowledges. It holds back what it cannot take: the
/// pipe to it fills, and what could not be sent meanwhile is not made up for. A process that ends is started again, as a supervisor does.
/// </summary>
internal sealed class ClientProducer : IAsyncDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan RestartDelay = TimeSpan.FromMilliseconds(500);
    private const int MaxTold = 20;

    private readonly KafkaClient _client;
    private readonly TopicHistory _history;
    private readonly PartitionHistory[] _partitions;
    private readonly IReadOnlyList<string> _command;
    private readonly string _logFile;
    private readonly double _rate;
    private readonly int _valueBytes;
    private readonly RunLog _log;
    private readonly CancellationTokenSource _stop = new();
    private readonly Dictionary<int, long> _nextReport = [];
    private readonly Task _sending;
    private ClientProcess _process;
    private int _told;

    public ClientProducer(KafkaClient client, IReadOnlyList<string> command, TopicHistory history, int[] partitions, double rate, int valueBytes, string logFile, RunLog log)
    {
        (_client, _command, _history, _rate, _valueBytes, _logFile, _log) = (client, command, history, rate, valueBytes, logFile, log);
        _partitions = [.. partitions.Select(partition => history.Partitions[partition])];
        _process = Start();
        _sending = Task.Run(SendAsync);
    }

    /// <summary>How often it was started again.</summary>
    public int Restarts { get; private set; }

    /// <summary>Sends no more and waits until the client has reported everything and ended by itself.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _sending;
        _process.CloseInput();
        var code = await _process.Ended;
        var unknown = _partitions.Sum(partition => partition.FailPending());
        if (code != 0 || unknown > 0)
        {
            _log.Violation($"{_client.Name}'s producer ended with exit code {code}, {unknown} records without a report: {_process.LastWords}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();

        // Ends a write that waits for room as well.
        _process.Kill();
        await _sending;
        await _process.DisposeAsync();
        _stop.Dispose();
    }

    private ClientProcess Start()
    {
        foreach (var partition in _partitions)
        {
            _nextReport[partition.Partition] = partition.SentCount;
        }

        return ClientProcess.Start(_command, Take, _logFile);
    }

    private async Task SendAsync()
    {
        using var timer = new PeriodicTimer(Tick);
        var lines = new StringBuilder();
        var (due, next, before) = (0.0, 0, Stopwatch.GetTimestamp());
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                var now = Stopwatch.GetTimestamp();
                due = Math.Min(due + (_rate * Stopwatch.GetElapsedTime(before, now).TotalSeconds), _rate);
                before = now;
                for (lines.Clear(); due >= 1; due--)
                {
                    var partition = _partitions[next++ % _partitions.Length];
                    var sequence = partition.Begin();
                    lines.Append(_client.RecordLine(partition.Partition, sequence, RecordValue.WriteText(partition.Partition, sequence, _valueBytes))).Append('\n');
                }

                try
                {
                    await _process.WriteAsync(lines.ToString());
                }
                catch (IOException) when (!_stop.IsCancellationRequested)
                {
                    await RestartAsync();
                }
            }
        }
        catch (Exception error) when (_stop.IsCancellationRequested && error is OperationCanceledException or IOException)
        {
            // The round is over.
        }
        catch (Exception error)
        {
            _log.Violation($"{_client.Name}'s producer cannot be fed any more: {error}");
        }
    }

    private async Task RestartAsync()
    {
        var code = await _process.Ended;
        var unknown = _partitions.Sum(partition => partition.FailPending());
        Restarts++;
        _log.Violation($"{_client.Name}'s producer has ended with exit code {code} and left {unknown} records without a report: {_process.LastWords}");
        await _process.DisposeAsync();
        await Pace.ForAsync(RestartDelay, _stop.Token);
        _process = Start();
    }

    private bool Take(string line)
    {
        if (_client.Understand(line) is not { } report)
        {
            return false;
        }

        switch (report.Kind)
        {
            case ClientReportKind.Acknowledged:
                if (Acknowledge(report) is { } wrong)
                {
                    _log.Violation($"{_client.Name}: {wrong}");
                }

                return true;
            case ClientReportKind.Failed:
                // Nothing that happens here lasts as long as a client is patient: whatever it gives up was refused.
                if (report.Sequence >= 0)
                {
                    _history.Partitions[report.Partition].Fail(report.Sequence);
                }

                if (_told++ < MaxTold)
                {
                    _log.Violation(string.Create(CultureInfo.InvariantCulture, $"{_client.Name}: record {report.Sequence} of partition {report.Partition} was not delivered: {report.Text}"));
                }

                return true;
            case ClientReportKind.Fatal:
                _log.Violation($"{_client.Name}'s producer cannot go on: {report.Text}");
                return false;
            default:
                Restarts++;
                _log.Say($"{_client.Name}'s producer was made anew: {report.Text}");
                return true;
        }
    }

    private string? Acknowledge(ClientReport report)
    {
        if (!_nextReport.TryGetValue(report.Partition, out var next))
        {
            return $"partition {report.Partition} was reported, to which nothing was sent";
        }

        var sequence = report.Sequence < 0 ? next : report.Sequence;
        _nextReport[report.Partition] = sequence + 1;

        // librdkafka names no offset (-1001) for a record whose answer was lost and that it knows to be stored, since a later one is.
        var offset = report.Offset < 0 ? PartitionHistory.Somewhere : report.Offset;
        return sequence < _history.Partitions[report.Partition].SentCount
            ? _history.Partitions[report.Partition].Acknowledge(sequence, offset)
            : $"record {sequence} of partition {report.Partition} was acknowledged and never sent";
    }
}
