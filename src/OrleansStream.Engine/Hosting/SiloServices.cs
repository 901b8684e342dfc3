using Microsoft.Extensions.DependencyInjection;
using OrleansStream.Engine.Membership;

namespace OrleansStream.Engine.Hosting;

internal static class SiloServices
{
    public static void Add(IServiceCollection services) => services.AddLogging();

    public static void UseDevelopmentClustering(IServiceCollection services) => services.AddOptions();

    public static void UseMembership(IServiceCollection services, InMemoryMembershipTable table) => services.AddSingleton(table);

    public static void ListenOn(IServiceCollection services, int siloPort, int gatewayPort) => services.AddOptions();

    public static void Abort(IServiceProvider services) => services.GetService<InMemoryMembershipTable>();
}
