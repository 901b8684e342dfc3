using System.Runtime.CompilerServices;
using OrleansStream.Metadata.Local;

namespace OrleansStream.Metadata.Tests.Local;

/// <summary>
/// This test program in another role: with a directory in the environment it writes nodes there, one line per acknowledged write,
/// until it is killed, instead of running tests.
/// </summary>
internal static class JournalWriterProcess
{
    public const string DirectoryVariable = "OSTREAM_TEST_JOURNAL_WRITER";

#pragma warning disable CA2255 // The one place before the test framework's own entry point.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void TakeOver()
    {
        if (Environment.GetEnvironmentVariable(DirectoryVariable) is { Length: > 0 } directory)
        {
            Run(directory);
        }
    }

    /// <summary>
    /// Without await, unlike everything else: no other thread may run this assembly's code before its initializer has ended, and this
    /// one never ends.
    /// </summary>
    private static void Run(string directory)
    {
        var store = LocalMetadataStore.OpenAsync(new LocalMetadataOptions { Directory = directory }, TimeProvider.System).GetAwaiter().GetResult();
        store.CreateAsync("/ephemeral", default, CreateMode.Ephemeral).GetAwaiter().GetResult();
        for (var i = 1; ; i++)
        {
            store.CreateAsync($"/node-{i}", default).GetAwaiter().GetResult();
            Console.WriteLine(i);
        }
    }
}
