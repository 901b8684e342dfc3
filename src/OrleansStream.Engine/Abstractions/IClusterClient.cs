namespace Orleans;

/// <summary>A client of the cluster. Registered as a singleton, in a silo's services too, where its calls go the short way.</summary>
public interface IClusterClient : IGrainFactory
{
    /// <summary>The client's services.</summary>
    IServiceProvider ServiceProvider { get; }
}
