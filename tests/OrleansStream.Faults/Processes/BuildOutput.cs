using System.Reflection;

namespace OrleansStream.Faults.Processes;

/// <summary>Where the build put the programs that are started.</summary>
internal static class BuildOutput
{
    public static string SiloHost { get; } = typeof(BuildOutput).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == "SiloHost").Value!;

    /// <summary>The dotnet host: the one that the script found, the one that runs this program, or the one on the path.</summary>
    public static string Dotnet { get; } =
        Environment.GetEnvironmentVariable("DOTNET")
        ?? Environment.GetEnvironmentVariable("DOTNET_HOST_PATH")
        ?? (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? Environment.ProcessPath! : "dotnet");
}
