namespace OrleansStream.Engine.Membership;

internal sealed class InMemoryMembershipTable
{
}
