using OrleansStream.Engine.CodeGeneration;
using OrleansStream.Engine.Messaging;

namespace OrleansStream.Engine.Membership;

/// <summary>Answers other silos' membership requests: as primary from its own table, as any silo by reading the table again.</summary>
internal sealed class MembershipRequests(IMembershipTable table, MembershipAgent agent) : ISystemRequestHandler
{
    public async Task<InvocationResult> HandleAsync(byte operation, ReadOnlyMemory<byte> body)
    {
        switch (operation)
        {
            case MembershipMessages.Read:
                var view = await Primary.ReadAsync(CancellationToken.None).ConfigureAwait(false);
                return new Written(writer => MembershipMessages.WriteView(writer, view));
            case MembershipMessages.TryWrite:
                var (record, version) = ReadWrite(body);
                var isWritten = await Primary.TryWriteAsync(record, version, CancellationToken.None).ConfigureAwait(false);
                return new Written(writer => writer.WriteBoolean(isWritten));
            case MembershipMessages.Changed:
                await agent.Refresh().ConfigureAwait(false);
                return InvocationResult.Void;
            default:
                throw new NotSupportedException($"This silo does not know the request {operation}; is it an older version?");
        }
    }

    private InMemoryMembershipTable Primary
        => table as InMemoryMembershipTable ?? throw new InvalidOperationException("This silo does not hold the membership table; it is not the primary.");

    private static (MemberRecord Record, long Version) ReadWrite(ReadOnlyMemory<byte> body)
    {
        var reader = new MessageReader(body);
        var version = reader.ReadVarInt64();
        return (MembershipMessages.ReadRecord(ref reader), version);
    }

    private sealed class Written(Action<MessageWriter> write) : InvocationResult
    {
        public override object? BoxedValue => null;

        public override void Write(MessageWriter writer) => write(writer);

        public override InvocationResult CopyForLocalCall() => this;
    }
}
