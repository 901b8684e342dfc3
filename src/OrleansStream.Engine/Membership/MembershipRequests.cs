using OrleansStream.Engine.CodeGeneration;
using OrleansStream.Engine.Messaging;

namespace OrleansStream.Engine.Membership;

/// <summary>Answers other silos' membership requests.</summary>
internal sealed class MembershipRequests(MembershipAgent agent) : ISystemRequestHandler
{
    /// <summary>Tells that the table has changed. The number is on the wire and never changes.</summary>
    public const byte Changed = 3;

    public async Task<InvocationResult> HandleAsync(byte operation, ReadOnlyMemory<byte> body)
    {
        if (operation != Changed)
        {
            throw new NotSupportedException($"This silo does not know the request {operation}; is it of another version?");
        }

        await agent.Refresh().ConfigureAwait(false);
        return InvocationResult.Void;
    }
}
