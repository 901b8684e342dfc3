using Orleans;
using Orleans.Runtime;

namespace OrleansStream.Engine.Tests.Grains;

public interface ITimerGrain : IGrainWithStringKey
{
    /// <summary>Starts a timer each of whose ticks enters the gate.</summary>
    Task StartAsync(TimeSpan dueTime, TimeSpan period, string gate, bool interleave);

    Task StopAsync();

    Task<int> TicksAsync();

    /// <summary>Stays in the grain until the gate opens.</summary>
    Task StayAsync(string gate);
}

public sealed class TimerGrain : Grain, ITimerGrain
{
    private IGrainTimer? _timer;
    private int _ticks;

    public Task StartAsync(TimeSpan dueTime, TimeSpan period, string gate, bool interleave)
    {
        _timer = this.RegisterGrainTimer(
            async (name, token) =>
            {
                _ticks++;
                await TestGates.EnterAsync(name, token);
            },
            gate,
            new GrainTimerCreationOptions(dueTime, period) { Interleave = interleave });
        return Task.CompletedTask;
    }

    public Task StopAsync()
    {
        _timer?.Dispose();
        return Task.CompletedTask;
    }

    public Task<int> TicksAsync() => Task.FromResult(_ticks);

    public Task StayAsync(string gate) => TestGates.EnterAsync(gate, CancellationToken.None);
}
