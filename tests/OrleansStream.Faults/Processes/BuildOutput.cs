using System.Reflection;

namespace OrleansStream.Faults.Processes;

/// <summary>Where the build put the programs that are started.</summary>
internal static class BuildOutput
{
    public static string SiloHost { get; } = Metadata("SiloHost");

    /// <summary>The directory of the programs around other clients.</summary>
    public static string FaultClients { get; } = Metadata("FaultClients");

    /// <summary>The dotnet host: the one that the script found, the one that runs this program, or the one on the path.</summary>
    public static string Dotnet { get; } =
        Environment.GetEnvironmentVariable("DOTNET")
        ?? Environment.GetEnvironmentVariable("DOTNET_HOST_PATH")
        ?? (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? Environment.ProcessPath! : "dotnet");

    private static string Metadata(string key)
        => typeof(BuildOutput).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == key).Value!;
}
