using OrleansStream.SiloHost;

namespace OrleansStream.Cluster.Tests.Hosts;

public sealed class HostArgumentsTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    public HostArgumentsTests() => File.WriteAllText(_file, "{}");

    public void Dispose() => File.Delete(_file);

    [Fact]
    public void Read_TakesTheCommandLineBeforeTheEnvironmentBeforeTheFile()
    {
        File.WriteAllText(_file, """{ "OrleansStream": { "broker-id": 1, "rack": "file", "host": "file", "set": { "num.partitions": 3, "a": "file" } } }""");

        var settings = Read(
            ["--host", "line", "--set", "a=line", "--data-dir=/d"],
            ("OSTREAM_HOST", "env"), ("OSTREAM_RACK", "env"), ("OSTREAM_SET_NUM_PARTITIONS", "4"), ("PATH", "x"));

        settings.ShouldSatisfyAllConditions(
            s => s.BrokerId.ShouldBe(1),
            s => s.Rack.ShouldBe("env"),
            s => s.Host.ShouldBe("line"),
            s => s.DataDirectory.ShouldBe("/d"),
            s => s.Configs.ShouldBe(new Dictionary<string, string> { ["num.partitions"] = "4", ["a"] = "line" }, ignoreOrder: true));
    }

    [Theory]
    [InlineData("--gateway-port is '70000'; it must be a whole number between 0 and 65535.", "--gateway-port", "70000")]
    [InlineData("--broker-id is '-1'; it must be a whole number of 0 or more.", "--broker-id=-1")]
    [InlineData("--set is 'x'; it must be KEY=VALUE, for example num.partitions=3.", "--set", "x")]
    [InlineData("--data-dir needs a value: --data-dir DIR.", "--data-dir")]
    [InlineData("There is no option --foo; see --help.", "--foo", "1")]
    [InlineData("'foo' is not an option; options begin with --, see --help.", "foo")]
    public void Read_SaysWhatIsWrong_InOneLine(string expected, params string[] args)
        => Should.Throw<UsageException>(() => Read(args)).Message.ShouldBe(expected);

    [Fact]
    public void Read_NamesTheFile_WhenItIsNoJsonOrHasUnknownOptions()
    {
        File.WriteAllText(_file, "{ nonsense");
        Should.Throw<UsageException>(() => Read([])).Message.ShouldStartWith(_file);
        File.WriteAllText(_file, """{ "OrleansStream": { "port": 1 } }""");
        Should.Throw<UsageException>(() => Read([])).Message.ShouldBe($"{_file}: there is no option 'port'; see --help.");
    }

    [Fact]
    public void HelpText_NamesEveryOption()
    {
        var help = HelpText.Make();
        HostOption.All.ShouldAllBe(option => help.Contains($"--{option.Name} {option.ValueName}"));
    }

    private HostSettings Read(string[] args, params (string Key, string Value)[] environment)
        => HostArguments.Read(args, _file, environment.ToDictionary(pair => pair.Key, pair => pair.Value));
}
