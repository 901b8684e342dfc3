namespace OrleansStream.Engine.Activations;

/// <summary>The life of an activation.</summary>
internal enum ActivationState
{
    /// <summary>Made, its grain not yet. Leads to <see cref="Activating"/>.</summary>
    Created,

    /// <summary>OnActivateAsync runs; calls wait. Leads to <see cref="Active"/>, or to <see cref="Dead"/> when it fails.</summary>
    Activating,

    /// <summary>Takes calls. Leads to <see cref="Draining"/>.</summary>
    Active,

    /// <summary>Asked to deactivate; running calls end, new ones wait for the next activation. Leads to <see cref="Deactivating"/>.</summary>
    Draining,

    /// <summary>OnDeactivateAsync runs. Leads to <see cref="Dead"/>.</summary>
    Deactivating,

    /// <summary>Final. Calls that waited were given to a new activation.</summary>
    Dead,
}
