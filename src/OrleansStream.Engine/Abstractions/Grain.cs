using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using OrleansStream.Engine.Activations;

namespace Orleans;

/// <summary>The base of grain classes. All of a grain's code runs in turns on its activation's own scheduler.</summary>
public abstract class Grain : IGrainBase, IAddressable
{
    /// <summary>For the runtime, which makes grains.</summary>
    /// <exception cref="InvalidOperationException">The grain is made outside an activation.</exception>
    protected Grain()
    {
        GrainContext = TurnContext.Current
            ?? throw new InvalidOperationException("A grain is made by the runtime; in a test, call it through a cluster of InProcessTestClusterBuilder.");
    }

    /// <summary>The activation's context.</summary>
    public IGrainContext GrainContext { get; }

    /// <summary>A reference to this grain.</summary>
    public GrainReference GrainReference => GrainContext.GrainReference;

    /// <summary>The grain's id in words.</summary>
    public string IdentityString => GrainContext.GrainId.ToString();

    /// <summary>Makes references to other grains.</summary>
    protected IGrainFactory GrainFactory => ServiceProvider.GetRequiredService<IGrainFactory>();

    /// <summary>The activation's services.</summary>
    protected internal IServiceProvider ServiceProvider => GrainContext.ActivationServices;

    /// <inheritdoc cref="IGrainBase.OnActivateAsync"/>
    public virtual Task OnActivateAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc cref="IGrainBase.OnDeactivateAsync"/>
    public virtual Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Deactivates the grain when the calls that run have ended. Later calls make a new activation.</summary>
    protected void DeactivateOnIdle()
        => GrainContext.Deactivate(new DeactivationReason(DeactivationReasonCode.ApplicationRequested, "DeactivateOnIdle was called."));

    /// <summary>Keeps the grain active for at least this long; a negative span takes an earlier delay back.</summary>
    protected void DelayDeactivation(TimeSpan timeSpan) => ActivationData.Of(GrainContext).DelayDeactivation(timeSpan);
}
