using System.Reflection;

namespace OrleansStream.EndToEnd.Tests.Processes;

/// <summary>Where the build put the programs that the tests start.</summary>
internal static class BuildOutput
{
    public static string RepositoryRoot { get; } = Metadata("RepositoryRoot");

    public static string SiloHost { get; } = Metadata("SiloHost");

    public static string Ostream { get; } = Metadata("Ostream");

    /// <summary>The dotnet host: the one that test.sh found, the one that runs this test, or the one on the path.</summary>
    public static string Dotnet { get; } =
        Environment.GetEnvironmentVariable("DOTNET")
        ?? Environment.GetEnvironmentVariable("DOTNET_HOST_PATH")
        ?? (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? Environment.ProcessPath! : "dotnet");

    private static string Metadata(string key) => typeof(BuildOutput).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == key).Value!;
}
