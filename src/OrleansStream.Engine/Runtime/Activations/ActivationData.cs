using Orleans;
using Orleans.Runtime;

namespace OrleansStream.Engine.Activations;

internal sealed class ActivationData : IGrainContext
{
    public GrainReference GrainReference => throw new InvalidOperationException();

    public GrainId GrainId => default;

    public object? GrainInstance => null;

    public IServiceProvider ActivationServices => throw new InvalidOperationException();

    public Task Deactivated => Task.CompletedTask;

    public static ActivationData Of(IGrainContext context)
        => context as ActivationData ?? throw new ArgumentException("Not a context of this runtime.", nameof(context));

    public bool Equals(IGrainContext? other) => ReferenceEquals(this, other);

    public void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default)
    {
    }

    public void DelayDeactivation(TimeSpan timeSpan)
    {
    }

    public IGrainTimer RegisterTimer<TState>(Func<TState, CancellationToken, Task> callback, TState state, GrainTimerCreationOptions options)
        => throw new InvalidOperationException();
}
