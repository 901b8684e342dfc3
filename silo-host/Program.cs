using System.Collections;
using System.Reflection;
using OrleansStream.Grains.Hosting;
using OrleansStream.SiloHost;

const int Failed = 1;
const int Misused = 2;

if (args.Contains("--help") || args.Contains("-h"))
{
    Console.Out.Write(HelpText.Make());
    return 0;
}

if (args.Contains("--version"))
{
    Console.Out.WriteLine(Assembly.GetExecutingAssembly().GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion);
    return 0;
}

try
{
    var environment = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
        .ToDictionary(variable => (string)variable.Key, variable => (string?)variable.Value ?? string.Empty, StringComparer.Ordinal);
    var settings = HostArguments.Read(args, Path.Combine(AppContext.BaseDirectory, "appsettings.json"), environment);
    return await BrokerProcess.RunAsync(settings, Endpoints.Claim(settings), Console.Out) ? 0 : Failed;
}
catch (Exception exception) when (exception is UsageException or BrokerStartException)
{
    // Line breaks of an inner message would make it more than one line.
    await Console.Error.WriteLineAsync("silo-host: " + exception.Message.ReplaceLineEndings(" "));
    return Misused;
}
