using System.Globalization;

namespace OrleansStream.Storage.Benchmarks;

internal sealed class BenchmarkArguments
{
    private readonly Dictionary<string, string> _values = [];

    public BenchmarkArguments(string[] args)
    {
        Command = args.Length > 0 ? args[0] : "";
        for (var i = 1; i + 1 < args.Length; i += 2)
        {
            _values[args[i]] = args[i + 1];
        }

        Directory = Path.Combine(_values.GetValueOrDefault("--dir", Path.GetTempPath()), "orleansstream-bench");
    }

    public string Command { get; }

    public string Directory { get; }

    public int Int(string name, int fallback) =>
        _values.TryGetValue("--" + name, out var text) ? int.Parse(text, CultureInfo.InvariantCulture) : fallback;

    public string FreshDirectory(string name)
    {
        var path = Path.Combine(Directory, name);
        if (System.IO.Directory.Exists(path))
        {
            System.IO.Directory.Delete(path, recursive: true);
        }

        System.IO.Directory.CreateDirectory(path);
        return path;
    }
}
