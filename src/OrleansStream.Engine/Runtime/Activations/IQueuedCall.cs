namespace OrleansStream.Engine.Activations;

/// <summary>What takes its turn in an activation: a request or a timer's tick.</summary>
internal interface IQueuedCall
{
    bool IsReadOnly { get; }

    bool IsAlwaysInterleave { get; }

    /// <summary>Runs it; it says <see cref="ActivationData.OnCallCompleted"/> when it has ended. Not used for requests.</summary>
    void Run();

    /// <summary>Gives it up because the activation takes no calls any more.</summary>
    void Abandon();
}
