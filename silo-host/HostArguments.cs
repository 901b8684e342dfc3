using System.Text.Json;

namespace OrleansStream.SiloHost;

/// <summary>
/// Reads the settings. By hand rather than with a configuration framework: thirteen flat options do not need one, and
/// the process starts faster without.
/// </summary>
internal static class HostArguments
{
    private const string Section = "OrleansStream";
    private const string SetVariablePrefix = "OSTREAM_SET_";

    /// <summary>Reads the settings from all sources.</summary>
    /// <param name="args">The command line.</param>
    /// <param name="settingsFile">appsettings.json; nothing is read if there is no such file.</param>
    /// <param name="environment">The environment's variables.</param>
    /// <exception cref="UsageException">Something does not fit; the message says what and what would.</exception>
    public static HostSettings Read(IReadOnlyList<string> args, string settingsFile, IReadOnlyDictionary<string, string> environment)
    {
        var settings = new HostSettings();
        ReadFile(settings, settingsFile);
        ReadEnvironment(settings, environment);
        ReadCommandLine(settings, args);
        return settings;
    }

    private static void ReadCommandLine(HostSettings settings, IReadOnlyList<string> args)
    {
        for (var i = 0; i < args.Count; i++)
        {
            var argument = args[i];
            if (!argument.StartsWith("--", StringComparison.Ordinal))
            {
                throw new UsageException($"'{argument}' is not an option; options begin with --, see --help.");
            }

            var equals = argument.IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? argument[2..] : argument[2..equals];
            var option = Find(name) ?? throw new UsageException($"There is no option --{name}; see --help.");
            if (equals < 0 && ++i >= args.Count)
            {
                throw new UsageException($"--{name} needs a value: --{name} {option.ValueName}.");
            }

            option.Apply(settings, equals < 0 ? args[i] : argument[(equals + 1)..], $"--{name}");
        }
    }

    private static void ReadEnvironment(HostSettings settings, IReadOnlyDictionary<string, string> environment)
    {
        foreach (var option in HostOption.All)
        {
            if (option.Name != "set" && environment.TryGetValue(option.Variable, out var value))
            {
                option.Apply(settings, value, option.Variable);
            }
        }

        // Kafka's names have no underscores and no capitals, so the variable's name says it all.
        foreach (var (variable, value) in environment)
        {
            if (variable.StartsWith(SetVariablePrefix, StringComparison.Ordinal))
            {
                settings.Configs[variable[SetVariablePrefix.Length..].ToLowerInvariant().Replace('_', '.')] = value;
            }
        }
    }

    private static void ReadFile(HostSettings settings, string path)
    {
        if (!File.Exists(path))
        {
            return;
        }

        try
        {
            using var document = JsonDocument.Parse(
                File.ReadAllBytes(path), new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            if (document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty(Section, out var section))
            {
                return;
            }

            foreach (var property in section.EnumerateObject())
            {
                if (property.NameEquals("set"))
                {
                    foreach (var config in property.Value.EnumerateObject())
                    {
                        settings.Configs[config.Name] = Text(config.Value);
                    }
                }
                else
                {
                    var option = Find(property.Name) ?? throw new UsageException($"{path}: there is no option '{property.Name}'; see --help.");
                    option.Apply(settings, Text(property.Value), $"'{property.Name}' in {path}");
                }
            }
        }
        catch (Exception exception) when (exception is JsonException or IOException or InvalidOperationException or UnauthorizedAccessException)
        {
            throw new UsageException($"{path} cannot be read: {exception.Message}");
        }
    }

    private static string Text(JsonElement value)
        => value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();

    private static HostOption? Find(string name) => HostOption.All.FirstOrDefault(option => option.Name == name);
}
