using System.Text;
using OrleansStream.Core.Configuration;

namespace OrleansStream.Architecture.Tests;

/// <summary>
/// docs/CONFIGURATION.md says what the definitions say. With OSTREAM_UPDATE_DOCS=1 in the environment the test writes the
/// page instead of comparing it.
/// </summary>
public sealed class ConfigurationDocumentTests
{
    private const string Page = "docs/CONFIGURATION.md";

    [Fact]
    public void Page_ListsEveryKeyAsItIsDefined_WhenItIsCurrent()
    {
        var expected = Render();
        if (Environment.GetEnvironmentVariable("OSTREAM_UPDATE_DOCS") == "1")
        {
            File.WriteAllText(Path.Combine(Repository.Root, Page), expected);
        }

        Repository.Read(Page).ShouldBe(expected, $"run OSTREAM_UPDATE_DOCS=1 ./test.sh --filter {nameof(ConfigurationDocumentTests)} and commit {Page}");
    }

    private static string Render()
    {
        var page = new StringBuilder();
        page.Append("""
            # Configuration

            Written by a test from the definitions in `src/OrleansStream.Core/Configuration`. Keys and values are Kafka's; an unknown key and
            a value outside the allowed ones are refused with a message that names both.

            ## Topics

            Given with `ostream topics create NAME --config KEY=VALUE`, changed with `ostream topics alter`. A topic without a value
            of its own takes the broker's.


            """.ReplaceLineEndings("\n"));
        Append(page, TopicConfigKeys.All.Keys);
        page.Append("""

            ## Brokers

            Given with `./run.sh --set KEY=VALUE`. What `ostream cluster alter BROKER` or any Kafka client sets while brokers run goes before that; keys that
            are read at the start only are refused then.

            Those that can be set while brokers run, for one broker or for all (KIP-226):


            """.ReplaceLineEndings("\n"));
        page.Append(string.Join(",\n", BrokerConfigKeys.All.Keys.Where(key => !key.IsReadOnly).Select(key => $"`{key.Name}`").Chunk(6).Select(line => string.Join(", ", line)))).Append(".\n\n");
        Append(page, BrokerConfigKeys.All.Keys);
        return page.ToString();
    }

    private static void Append(StringBuilder page, IReadOnlyList<ConfigKey> keys)
    {
        page.Append("| key | default | allowed | meaning |\n|---|---|---|---|\n");
        foreach (var key in keys)
        {
            var meaning = key.Documentation + (key.Deprecation is null ? "" : $" Deprecated: {key.Deprecation}");
            page.Append($"| `{key.Name}` | {Code(key.DefaultValue)} | {Code(key.AllowedValues ?? key.Type.ToString().ToLowerInvariant())} | {Cell(meaning)} |\n");
        }
    }

    private static string Code(string? text) => string.IsNullOrEmpty(text) ? "" : $"`{Cell(text)}`";

    private static string Cell(string text) => text.ReplaceLineEndings(" ").Replace("|", "\\|", StringComparison.Ordinal);
}
