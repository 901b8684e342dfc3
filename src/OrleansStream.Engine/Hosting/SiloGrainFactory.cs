using Orleans;
using OrleansStream.Engine.Activations;
using OrleansStream.Engine.Calls;
using OrleansStream.Engine.Messaging;

namespace OrleansStream.Engine.Hosting;

/// <summary>The grain factory inside a silo, which is also its client: calls go the short way.</summary>
internal sealed class SiloGrainFactory(SiloCallRuntime runtime, GrainClassMap classes, IServiceProvider services) : GrainFactory(runtime, classes), IClusterClient
{
    public IServiceProvider ServiceProvider => services;
}
