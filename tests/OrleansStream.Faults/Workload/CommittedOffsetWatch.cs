using OrleansStream.Client;
using OrleansStream.Faults.Checking;
using OrleansStream.Faults.Running;

namespace OrleansStream.Faults.Workload;

/// <summary>
/// Asks every second what the group has committed: never less than what was acknowledged before the question. Of a group whose members do not say
/// what was acknowledged it <c>learns</c> that from the answers.
/// </summary>
internal sealed class CommittedOffsetWatch : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _watching;

    public CommittedOffsetWatch(IAdminClient admin, string groupId, TopicHistory history, GroupAccount account, RunLog log, bool learns = false)
        => _watching = Task.Run(() => WatchAsync(admin, groupId, history, account, log, learns));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _watching;
        _stop.Dispose();
    }

    private async Task WatchAsync(IAdminClient admin, string groupId, TopicHistory history, GroupAccount account, RunLog log, bool learns)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        while (true)
        {
            try
            {
                await timer.WaitForNextTickAsync(_stop.Token);
                var floor = history.Partitions.Select(partition => account.Committed(partition.Partition)).ToArray();
                var committed = await admin.ListGroupOffsetsAsync(groupId, cancellationToken: _stop.Token);
                for (var partition = 0; partition < floor.Length; partition++)
                {
                    var offset = committed.TryGetValue(new TopicPartition(history.Topic, partition), out var found) ? found.Offset : 0;
                    if (offset < floor[partition])
                    {
                        log.Violation($"group {groupId} has {offset} committed for partition {partition}, after {floor[partition]} was acknowledged");
                    }

                    if (learns && offset > floor[partition])
                    {
                        account.Acknowledge(partition, offset);
                    }
                }
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error) when (error is OrleansStreamException or TimeoutException)
            {
                // Nobody answers at the moment; the next second asks again.
            }
        }
    }
}
