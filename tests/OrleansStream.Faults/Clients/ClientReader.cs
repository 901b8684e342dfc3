using System.Globalization;
using System.Text;
using OrleansStream.Faults.Checking;
using OrleansStream.Faults.Running;

namespace OrleansStream.Faults.Clients;

/// <summary>A client's process that reads along as a member of a group. One that ends is started again, as a supervisor does.</summary>
internal sealed class ClientReader : IAsyncDisposable
{
    private static readonly TimeSpan RestartDelay = TimeSpan.FromMilliseconds(500);

    private readonly string _name;
    private readonly TopicHistory _history;
    private readonly GroupAccount _account;
    private readonly RunLog _log;
    private readonly CancellationTokenSource _stop = new();
    private readonly Dictionary<int, long> _next = [];
    private readonly Task _running;

    public ClientReader(string name, IReadOnlyList<string> command, TopicHistory history, GroupAccount account, string logFile, RunLog log)
    {
        (_name, _history, _account, _log) = (name, history, account, log);
        _running = Task.Run(() => RunAsync(command, logFile));
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    private async Task RunAsync(IReadOnlyList<string> command, string logFile)
    {
        try
        {
            while (!_stop.IsCancellationRequested)
            {
                _next.Clear();
                await using var process = ClientProcess.Start(command, Take, logFile);
                var code = await process.Ended.WaitAsync(_stop.Token);
                _log.Say($"{_name} has ended with exit code {code} and is started again: {process.LastWords}");
                _account.Restart();
                await Pace.ForAsync(RestartDelay, _stop.Token);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The round is over.
        }
    }

    /// <summary>A record: partition, offset and value; or why the client was made anew.</summary>
    private bool Take(string line)
    {
        var words = line.Split(' ', 3);
        if (words is ["restart", ..])
        {
            _log.Say($"{_name} was made anew: {line}");
            _account.Restart();
            return true;
        }

        if (words.Length < 3
            || !int.TryParse(words[0], CultureInfo.InvariantCulture, out var partition)
            || !long.TryParse(words[1], CultureInfo.InvariantCulture, out var offset)
            || partition < 0 || partition >= _history.Partitions.Count)
        {
            return false;
        }

        // Whoever goes back starts from what is committed. What lies before the expected record others may have read;
        // that nobody has left anything out shows when everything must have been read.
        var isExpected = _next.TryGetValue(partition, out var expected) && offset >= expected;
        if (!isExpected)
        {
            _account.Assign(1);
            var floor = _account.SettledFloor(partition);
            if (offset < floor)
            {
                _log.Violation(string.Create(CultureInfo.InvariantCulture, $"{_name} starts with offset {offset} of partition {partition}, though {floor} was committed"));
            }
        }

        _next[partition] = offset + 1;
        var sequence = RecordValue.Read(Encoding.UTF8.GetBytes(words[2]), partition);
        if (sequence < 0)
        {
            _log.Violation(string.Create(CultureInfo.InvariantCulture, $"{_name} read at offset {offset} of partition {partition} what nobody wrote: {words[2]}"));
        }
        else
        {
            _history.Partitions[partition].Consume(sequence);
        }

        return true;
    }
}
