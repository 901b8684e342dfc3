using System.CommandLine;
using OrleansStream.Cli.Invocation;

namespace OrleansStream.Cli.Quotas;

/// <summary>The options that say whose quotas are meant.</summary>
internal sealed class QuotaEntityOptions
{
    private readonly (string Type, Option<string?> Name, Option<bool> Default)[] _options =
    [
        Make("user", "--user", "--default-user", "user"),
        Make("client-id", "--client-id", "--default-client-id", "client id"),
        Make("ip", "--ip", "--default-ip", "address"),
    ];

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (var (_, name, isDefault) in _options)
        {
            command.Add(name);
            command.Add(isDefault);
        }
    }

    /// <summary>The parts that were given: types with names, null for the default.</summary>
    /// <exception cref="CommandFailedException">A name and the default of the same type were given.</exception>
    public IReadOnlyList<(string Type, string? Name)> Read(ParseResult parse)
    {
        var parts = new List<(string, string?)>();
        foreach (var (type, nameOption, defaultOption) in _options)
        {
            var (name, isDefault) = (parse.GetValue(nameOption), parse.GetValue(defaultOption));
            if (name is not null && isDefault)
            {
                throw CommandFailedException.Usage($"{nameOption.Name} and {defaultOption.Name} do not go together.");
            }

            if (name is not null || isDefault)
            {
                parts.Add((type, name));
            }
        }

        return parts;
    }

    private static (string, Option<string?>, Option<bool>) Make(string type, string name, string isDefault, string what) => (
        type,
        new Option<string?>(name) { Description = $"The {what}.", HelpName = "NAME" },
        new Option<bool>(isDefault) { Description = $"The default of all that have no quota for their {what}." });
}
