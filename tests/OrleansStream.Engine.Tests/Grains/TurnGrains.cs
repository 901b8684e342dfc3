using Orleans;
using Orleans.Concurrency;

namespace OrleansStream.Engine.Tests.Grains;

/// <summary>Methods that may or may not run at the same time. Each enters the gate of its own name, under the key.</summary>
public interface ITurnGrain : IGrainWithStringKey
{
    Task WriteAsync(string gate);

    [ReadOnly]
    Task ReadAsync(string gate);

    [AlwaysInterleave]
    Task PeekAsync(string gate);

    /// <summary>Adds to a plain counter over several awaits; counts how many are inside at once.</summary>
    Task CountAsync(int steps);

    Task<int[]> GetCountsAsync();
}

public abstract class TurnGrainBase : Grain, ITurnGrain
{
    private int _counter;
    private int _inside;
    private int _mostInside;
    private int _onThread;

    public Task WriteAsync(string gate) => TestGates.EnterAsync(gate, CancellationToken.None);

    public Task ReadAsync(string gate) => TestGates.EnterAsync(gate, CancellationToken.None);

    public Task PeekAsync(string gate) => TestGates.EnterAsync(gate, CancellationToken.None);

    public async Task CountAsync(int steps)
    {
        _inside++;
        _mostInside = Math.Max(_mostInside, _inside);
        for (var i = 0; i < steps; i++)
        {
            CountOnce();
            await Task.Yield();
        }

        _inside--;
    }

    public Task<int[]> GetCountsAsync() => Task.FromResult<int[]>([_counter, _mostInside]);

    // Not atomic: two threads in here at once would lose counts, and are caught in the act besides.
    private void CountOnce()
    {
        Interlocked.Increment(ref _onThread).ShouldBe(1, "two turns of one activation run at the same time");
        var before = _counter;
        Thread.SpinWait(20);
        _counter = before + 1;
        Interlocked.Decrement(ref _onThread);
    }
}

public sealed class TurnGrain : TurnGrainBase;

[Reentrant]
public sealed class ReentrantTurnGrain : TurnGrainBase;

public interface IWorkerGrain : IGrainWithIntegerKey
{
    Task<string> WorkAsync(string gate);
}

[StatelessWorker(2)]
public sealed class WorkerGrain : Grain, IWorkerGrain
{
    private readonly string _id = Guid.NewGuid().ToString("N");

    public async Task<string> WorkAsync(string gate)
    {
        await TestGates.EnterAsync(gate, CancellationToken.None);
        return _id;
    }
}
