using Microsoft.Extensions.DependencyInjection;
using OrleansStream.Engine.Membership;

namespace OrleansStream.Engine.Hosting;

internal static class ClientServices
{
    public static void Add(IServiceCollection services) => services.AddLogging();

    public static void UseMembership(IServiceCollection services, InMemoryMembershipTable table) => services.AddSingleton(table);
}
