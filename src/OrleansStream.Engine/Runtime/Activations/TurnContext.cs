namespace OrleansStream.Engine.Activations;

/// <summary>The activation whose turn runs on this thread.</summary>
internal static class TurnContext
{
    [ThreadStatic]
    private static ActivationData? _current;

    public static ActivationData? Current
    {
        get => _current;
        set => _current = value;
    }
}
