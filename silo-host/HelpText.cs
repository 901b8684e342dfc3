using System.Text;

namespace OrleansStream.SiloHost;

/// <summary>What <c>--help</c> prints.</summary>
internal static class HelpText
{
    public static string Make()
    {
        var text = new StringBuilder();
        text.AppendLine("Runs a broker of OrleansStream in the foreground until SIGTERM or Ctrl-C.");
        text.AppendLine();
        text.AppendLine("Options:");
        foreach (var option in HostOption.All)
        {
            text.AppendLine($"  {"--" + option.Name + " " + option.ValueName,-24} {option.Description}");
        }

        text.AppendLine($"  {"--help",-24} prints this");
        text.AppendLine($"  {"--version",-24} prints the version");
        text.AppendLine();
        text.AppendLine("Each option can also stand in appsettings.json beside the program, { \"OrleansStream\": { \"broker-id\": 1,");
        text.AppendLine("\"set\": { \"num.partitions\": 3 } } }, and in the environment: OSTREAM_BROKER_ID=1, OSTREAM_SET_NUM_PARTITIONS=3.");
        text.AppendLine("The command line goes before the environment, that before the file.");
        text.AppendLine();
        text.AppendLine("When the broker serves, it prints one line to stdout:");
        text.AppendLine("  ready kafka=HOST:PORT gateway=HOST:PORT dashboard=URL data=DIR");
        text.AppendLine("with 'off' for what is turned off; the dashboard comes with a later version.");
        text.AppendLine("Everything else goes to stderr. Exit codes: 0 after a clean stop, 1 after a failure while running,");
        text.AppendLine("2 for a wrong option or an unusable port or directory.");
        return text.ToString();
    }
}
