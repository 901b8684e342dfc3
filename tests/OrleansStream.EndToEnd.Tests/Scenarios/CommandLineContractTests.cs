using System.Globalization;
using System.Net;
using System.Net.Sockets;
using OrleansStream.EndToEnd.Tests.Processes;

namespace OrleansStream.EndToEnd.Tests.Scenarios;

/// <summary>How a broker's process begins and ends.</summary>
public sealed class CommandLineContractTests
{
    [Fact]
    public async Task Start_PrintsOneReadyLine_AndSigtermEndsWithZero()
    {
        using var directory = new TemporaryDirectory();
        var address = BrokerAddress.In(directory["data"]);
        await using var broker = await Broker.StartAsync(address);

        broker.ReadyLine.ShouldBe($"ready kafka=127.0.0.1:{address.KafkaPort} gateway=127.0.0.1:{address.GatewayPort} dashboard=off data={address.DataDirectory}");
        (await broker.StopAsync()).ShouldBe((0, ""));
    }

    [Fact]
    public async Task Start_EndsWithZero_WhenItIsInterrupted()
    {
        using var directory = new TemporaryDirectory();
        await using var broker = await Broker.StartAsync(BrokerAddress.In(directory["data"]));
        (await broker.InterruptAsync()).ShouldBe((0, ""));
    }

    [Fact]
    public async Task Help_NamesEveryOption_OnStdout()
    {
        var help = await DotnetProgram.Start(BuildOutput.SiloHost, ["--help"]).RunToEndAsync();
        help.ShouldSucceed();
        foreach (var option in new[]
        {
            "--broker-id", "--host", "--advertised-host", "--kafka-port", "--gateway-port", "--silo-port", "--dashboard-port", "--data-dir", "--zookeeper",
            "--cluster-id", "--rack", "--set",
        })
        {
            help.Output.ShouldContain(option);
        }
    }

    [Theory]
    [InlineData("--no-such-option", "--no-such-option")]
    [InlineData("--gateway-port=notaport", "notaport")]
    [InlineData("--gateway-port=70000", "70000")]
    [InlineData("--broker-id=-5", "-5")]
    [InlineData("--set=no.such.key=1", "no.such.key")]
    [InlineData("--set=num.partitions=-3", "num.partitions")]
    public async Task Start_IsRefusedInOneLine_WhenAnOptionIsWrong(string option, string named)
    {
        using var directory = new TemporaryDirectory();
        (await Broker.StartRefusedAsync(BrokerAddress.In(directory["data"]), option)).ShouldFailWithOneLine(2, named);
    }

    [Fact]
    public async Task Start_IsRefusedInOneLine_WhenThePortIsInUse()
    {
        using var directory = new TemporaryDirectory();
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        var address = BrokerAddress.In(directory["data"]) with { GatewayPort = port };
        (await Broker.StartRefusedAsync(address)).ShouldFailWithOneLine(2, port.ToString(CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task Start_IsRefusedInOneLine_WhenTheDirectoryIsAnotherBrokers()
    {
        using var directory = new TemporaryDirectory();
        var address = BrokerAddress.In(directory["data"]);
        await using (var broker = await Broker.StartAsync(address, "--broker-id", "1"))
        {
            await broker.StopAsync();
        }

        (await Broker.StartRefusedAsync(address, "--broker-id", "2")).ShouldFailWithOneLine(2, directory["data"], "1", "2");
    }

    [Fact]
    public async Task Start_IsRefusedInOneLine_WhenTheDirectoryHasANewerFormat()
    {
        using var directory = new TemporaryDirectory();
        var address = BrokerAddress.In(directory["data"]);
        await using (var broker = await Broker.StartAsync(address))
        {
            await broker.StopAsync();
        }

        var meta = directory["data/meta.properties"];
        var properties = await File.ReadAllTextAsync(meta, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(meta, properties.Replace("version=1\n", "version=2\n", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        (await Broker.StartRefusedAsync(address)).ShouldFailWithOneLine(2, directory["data"], "2", "newer");
    }

    [Fact]
    public async Task Start_IsRefusedInOneLine_WhenTheDirectoryIsInUse()
    {
        using var directory = new TemporaryDirectory();
        await using var broker = await Broker.StartAsync(BrokerAddress.In(directory["data"]));
        (await Broker.StartRefusedAsync(BrokerAddress.In(directory["data"]))).ShouldFailWithOneLine(2, directory["data"]);
    }

    [Fact]
    public async Task Start_IsRefusedInOneLine_WhenTheDirectoryIsAFile()
    {
        using var directory = new TemporaryDirectory();
        await File.WriteAllTextAsync(directory["data"], "not a directory", TestContext.Current.CancellationToken);
        (await Broker.StartRefusedAsync(BrokerAddress.In(directory["data"]))).ShouldFailWithOneLine(2, directory["data"]);
    }

    [Fact]
    public async Task Scripts_PassOptionsSignalsAndExitCodesOn_WhenTheyStartABroker()
    {
        var root = BuildOutput.RepositoryRoot;
        Assert.SkipUnless(
            OperatingSystem.IsLinux() && File.Exists(Path.Combine(root, "artifacts", "build-run.stamp")),
            "the scripts would have to build first; ./test.sh does that");
        using var directory = new TemporaryDirectory();
        var address = BrokerAddress.In(directory["data"]);

        await using var broker = await Broker.StartAsync(DotnetProgram.StartFile(Path.Combine(root, "run.sh"), address.ToOptions()), address);
        (await DotnetProgram.StartFile(Path.Combine(root, "ostream"), ["topics", "create", "t", "--bootstrap", address.Gateway]).RunToEndAsync()).ShouldSucceed();
        var refused = await DotnetProgram.StartFile(Path.Combine(root, "ostream"), ["topics", "create", "t", "--bootstrap", address.Gateway]).RunToEndAsync();
        refused.ShouldFailWithOneLine(1, "'t'");
        (await DotnetProgram.StartFile(Path.Combine(root, "run.sh"), ["--no-such-option"]).RunToEndAsync()).ShouldFailWithOneLine(2, "--no-such-option");
        (await broker.StopAsync()).ShouldBe((0, ""));
    }
}
