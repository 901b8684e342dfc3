using OrleansStream.Engine.CodeGeneration;

namespace OrleansStream.Engine.Messaging;

/// <summary>Answers the requests of other silos' runtimes.</summary>
internal interface ISystemRequestHandler
{
    Task<InvocationResult> HandleAsync(byte operation, ReadOnlyMemory<byte> body);
}
