using OrleansStream.Engine.Calls;

namespace OrleansStream.Engine.Activations;

/// <summary>The activations of one stateless worker grain on this silo: an idle one takes the next call, else a new one, else the least busy.</summary>
internal sealed class StatelessWorkers(Catalog catalog, GrainClass grainClass)
{
    private readonly Lock _gate = new();
    private ActivationData[] _activations = [];

    public IEnumerable<ActivationData> All => Volatile.Read(ref _activations);

    public void Dispatch(GrainRequest request)
    {
        var activations = Volatile.Read(ref _activations);
        var least = LeastBusy(activations);
        if (least is null || (least.EnqueuedCount > 0 && activations.Length < grainClass.MaxLocalWorkers))
        {
            lock (_gate)
            {
                least = LeastBusy(_activations);
                if (least is null || (least.EnqueuedCount > 0 && _activations.Length < grainClass.MaxLocalWorkers))
                {
                    least = new ActivationData(catalog, grainClass, request.Target);
                    Volatile.Write(ref _activations, [.. _activations, least]);
                }
            }
        }

        least.Receive(request);
    }

    public void Remove(ActivationData activation)
    {
        lock (_gate)
        {
            Volatile.Write(ref _activations, [.. _activations.Where(other => !ReferenceEquals(other, activation))]);
        }
    }

    private static ActivationData? LeastBusy(ActivationData[] activations)
    {
        ActivationData? least = null;
        foreach (var activation in activations)
        {
            if (activation.EnqueuedCount == 0)
            {
                return activation;
            }

            if (least is null || activation.EnqueuedCount < least.EnqueuedCount)
            {
                least = activation;
            }
        }

        return least;
    }
}
