using System.Net;
using System.Net.Sockets;
using OrleansStream.Cli.Bench;

namespace OrleansStream.Cli.Tests.Bench;

public sealed class BrokerProcessTests
{
    [Fact]
    public void FindListener_IsThisProcess_WhenItListens()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "reads /proc, which only Linux has");
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        BrokerProcess.FindListener($"127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}").ShouldBe(Environment.ProcessId);
    }

    [Theory]
    [InlineData("broker.example:30000")]
    [InlineData("127.0.0.1:1")]
    [InlineData("127.0.0.1")]
    public void FindListener_IsNobody_WhenNoLocalProcessListens(string bootstrap) =>
        BrokerProcess.FindListener(bootstrap).ShouldBeNull();

    [Fact]
    public void ReadCpuTime_IsThisProcessTime_WhenItIsAskedFor()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "reads /proc, which only Linux has");
        var before = Environment.CpuUsage.TotalTime;
        var time = BrokerProcess.Open(Environment.ProcessId)!.ReadCpuTime()!.Value;
        time.ShouldBeGreaterThan(before - TimeSpan.FromMilliseconds(50));
        time.ShouldBeLessThan(Environment.CpuUsage.TotalTime + TimeSpan.FromMilliseconds(50));
    }
}
