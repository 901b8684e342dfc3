using System.Collections.Concurrent;
using Orleans.Runtime;
using OrleansStream.Engine.CodeGeneration;
using OrleansStream.Engine.Messaging;

namespace OrleansStream.Engine.Client;

/// <summary>The grain classes of the cluster, as the gateways tell them.</summary>
internal sealed class ClientManifest : IGrainTypeResolver
{
    private readonly ConcurrentDictionary<(string InterfaceName, GrainType GrainType), string> _classes = new();
    private readonly ConcurrentDictionary<(string, string?), GrainType> _resolved = new();

    public void Add(IEnumerable<(string InterfaceName, GrainType GrainType, string ClassName)> manifest)
    {
        foreach (var (interfaceName, grainType, className) in manifest)
        {
            if (_classes.TryAdd((interfaceName, grainType), className))
            {
                _resolved.Clear();
            }
        }
    }

    public GrainType Resolve(GeneratedInterface generated, string? classNamePrefix)
        => _resolved.TryGetValue((generated.InterfaceName, classNamePrefix), out var found)
            ? found
            : _resolved.GetOrAdd(
                (generated.InterfaceName, classNamePrefix),
                GrainTypeChoice.Choose(
                    generated,
                    classNamePrefix,
                    _classes.Where(pair => pair.Key.InterfaceName == generated.InterfaceName).Select(pair => (pair.Key.GrainType, pair.Value))));
}
