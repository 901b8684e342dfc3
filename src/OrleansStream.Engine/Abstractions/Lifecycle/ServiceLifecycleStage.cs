namespace Orleans;

/// <summary>The stages of a silo's lifecycle.</summary>
public static class ServiceLifecycleStage
{
    /// <summary>The first.</summary>
    public const int First = int.MinValue;

    /// <summary>The runtime is set up.</summary>
    public const int RuntimeInitialize = 2000;

    /// <summary>The listeners open and the silo joins the cluster, not yet active.</summary>
    public const int RuntimeServices = 4000;

    /// <summary>Storage starts.</summary>
    public const int RuntimeStorageServices = 6000;

    /// <summary>Grain services start.</summary>
    public const int RuntimeGrainServices = 8000;

    /// <summary>After grain services.</summary>
    public const int AfterRuntimeGrainServices = 8100;

    /// <summary>The application's services start; grains of this silo cannot be called yet.</summary>
    public const int ApplicationServices = 10000;

    /// <summary>On stop: grains are deactivated after this stage.</summary>
    public const int GrainDeactivation = 19998;

    /// <summary>The silo becomes active: others may place grains on it. On stop: it leaves.</summary>
    public const int BecomeActive = 19999;

    /// <summary>The silo is active; startup tasks run.</summary>
    public const int Active = 20000;

    /// <summary>The last.</summary>
    public const int Last = int.MaxValue;
}
