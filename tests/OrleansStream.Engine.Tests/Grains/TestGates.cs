using System.Collections.Concurrent;
using Orleans;

namespace OrleansStream.Engine.Tests.Grains;

/// <summary>Where grains and tests of this process meet: named gates, and what grains saw. Names are unique to a test.</summary>
public static class TestGates
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private static readonly ConcurrentDictionary<string, Gate> Gates = new();
    private static readonly ConcurrentDictionary<string, int> Activations = new();
    private static readonly ConcurrentDictionary<string, int> Highest = new();
    private static readonly ConcurrentDictionary<string, TaskCompletionSource<DeactivationReasonCode>> Deactivations = new();
    private static readonly ConcurrentDictionary<string, TaskCompletionSource> Cancellations = new();

    public static async Task EnterAsync(string name, CancellationToken cancellationToken)
    {
        var gate = GateOf(name);
        gate.Entered.Release();
        await gate.Opened.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Waits until one more call is at the gate.</summary>
    public static async Task EnteredAsync(string name)
        => (await GateOf(name).Entered.WaitAsync(Limit)).ShouldBeTrue($"a call should have come to the gate {name} within {Limit}");

    public static bool HasEntered(string name) => GateOf(name).Entered.CurrentCount > 0;

    public static int EnteredCount(string name) => GateOf(name).Entered.CurrentCount;

    public static void Open(string name) => GateOf(name).Opened.TrySetResult();

    public static void Cancelled(string name) => Source(Cancellations, name).TrySetResult();

    public static Task CancelledAsync(string name) => Source(Cancellations, name).Task.WaitAsync(Limit);

    public static void Activated(string key) => Activations.AddOrUpdate(key, 1, (_, count) => count + 1);

    public static int ActivationCount(string key) => Activations.GetValueOrDefault(key);

    public static void Deactivated(string key, DeactivationReasonCode reason)
        => Deactivations.GetOrAdd(key, _ => new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult(reason);

    public static Task<DeactivationReasonCode> DeactivatedAsync(string key)
        => Deactivations.GetOrAdd(key, _ => new(TaskCreationOptions.RunContinuationsAsynchronously)).Task.WaitAsync(Limit);

    public static void Produced(string key, int number) => Highest[key] = number;

    public static int HighestProduced(string key) => Highest.GetValueOrDefault(key, -1);

    private static Gate GateOf(string name) => Gates.GetOrAdd(name, _ => new Gate());

    private static TaskCompletionSource Source(ConcurrentDictionary<string, TaskCompletionSource> sources, string name)
        => sources.GetOrAdd(name, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));

    private sealed class Gate
    {
        public SemaphoreSlim Entered { get; } = new(0);

        public TaskCompletionSource Opened { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
