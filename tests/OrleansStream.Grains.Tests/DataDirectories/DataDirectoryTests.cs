using OrleansStream.Grains.DataDirectories;
using OrleansStream.Grains.Hosting;

namespace OrleansStream.Grains.Tests.DataDirectories;

public sealed class DataDirectoryTests : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("ostream-data-");

    private string Path => System.IO.Path.Combine(_root.FullName, "data");

    private string Meta => System.IO.Path.Combine(Path, "meta.properties");

    public void Dispose() => _root.Delete(recursive: true);

    [Fact]
    public void Open_KeepsItsIdentity_WhenOpenedAgain()
    {
        var (clusterId, directoryId) = Make();

        using var again = DataDirectory.Open(Path, 1, clusterId, Guid.NewGuid);

        (again.ClusterId, again.DirectoryId).ShouldBe((clusterId, directoryId));
    }

    [Fact]
    public void Open_Refuses_WhenAnotherProcessHasIt()
    {
        using var held = DataDirectory.Open(Path, 1, null, Guid.NewGuid);

        Refused(1).ShouldStartWith($"The data directory {Path} is in use by another process");
    }

    [Fact]
    public void Open_Refuses_WhenItIsAnotherBrokers()
    {
        Make();

        Refused(2).ShouldStartWith($"The data directory {Path} belongs to broker 1, but this is broker 2");
    }

    [Fact]
    public void Open_Refuses_WhenItIsAnotherClusters()
    {
        Make();

        Refused(1, "other").ShouldContain("but this broker is of cluster 'other'");
    }

    [Fact]
    public void Open_LeavesNoMark_WhileNobodyHasSaidWhichClusterItIs()
    {
        using (var directory = DataDirectory.Open(Path, 1, null, Guid.NewGuid))
        {
            directory.ClusterId.ShouldBeNull();
        }

        using var anothers = DataDirectory.Open(Path, 2, null, Guid.NewGuid);
        anothers.JoinCluster("cluster");
        anothers.ClusterId.ShouldBe("cluster");
    }

    [Fact]
    public void JoinCluster_Refuses_WhenItIsAnotherClusters()
    {
        var (clusterId, _) = Make();
        using var directory = DataDirectory.Open(Path, 1, null, Guid.NewGuid);

        directory.JoinCluster(clusterId);

        Should.Throw<BrokerStartException>(() => directory.JoinCluster("other")).Message
            .ShouldBe($"The data directory {Path} belongs to cluster '{clusterId}', but the metadata store to cluster 'other'.");
    }

    [Fact]
    public void Open_Refuses_WhenItsFormatIsNewer()
    {
        Make();
        File.WriteAllText(Meta, File.ReadAllText(Meta).Replace("version=1", "version=2", StringComparison.Ordinal));

        Refused(1).ShouldBe($"The data directory {Path} has format 2, but this program reads formats up to 1: start it with a newer version.");
    }

    [Theory]
    [InlineData("version=1", "version=x")]
    [InlineData("broker.id=1", "")]
    [InlineData("cluster.id=", "cluster=")]
    public void Open_Refuses_WhenTheIdentityIsDamaged(string sound, string damaged)
    {
        Make();
        File.WriteAllText(Meta, File.ReadAllText(Meta).Replace(sound, damaged, StringComparison.Ordinal));

        Refused(1).ShouldContain("damaged meta.properties");
    }

    [Fact]
    public void Open_Refuses_WhenThereIsDataWithoutIdentity()
    {
        Make();
        File.Delete(Meta);

        Refused(1).ShouldContain("holds data but no meta.properties");
    }

    [Fact]
    public void Open_Refuses_WhenThePathIsAFile()
    {
        File.WriteAllText(Path, "not a directory");

        Refused(1).ShouldStartWith($"The data directory {Path} cannot be used");
    }

    private (string ClusterId, Guid DirectoryId) Make()
    {
        using var directory = DataDirectory.Open(Path, 1, null, Guid.NewGuid);
        directory.JoinCluster($"cluster-{Guid.NewGuid():N}");
        return (directory.ClusterId.ShouldNotBeNull(), directory.DirectoryId);
    }

    private string Refused(int brokerId, string? clusterId = null)
        => Should.Throw<BrokerStartException>(() => DataDirectory.Open(Path, brokerId, clusterId, Guid.NewGuid)).Message;
}
