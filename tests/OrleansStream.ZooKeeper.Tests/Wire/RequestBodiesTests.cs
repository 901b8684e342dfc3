using System.Text;
using OrleansStream.Metadata;
using OrleansStream.ZooKeeper.Requests;

namespace OrleansStream.ZooKeeper.Tests.Wire;

/// <summary>Requests byte for byte, after the records of zookeeper.jute.</summary>
public sealed class RequestBodiesTests
{
    [Fact]
    public void Connect_MatchesTheGoldenBytes_WhenASessionGoesOn()
        => Hex(RequestBodies.Connect(0x0102, 18000, 0x1000000000000001, new byte[] { 0xaa, 0xbb })).ShouldBe(
            "00000000" + "0000000000000102" + "00004650" + "1000000000000001" + "00000002aabb" + "00");

    [Fact]
    public void Create_MatchesTheGoldenBytes_WithAclAndTimeToLive()
        => Hex(RequestBodies.Create("/a", "xy"u8.ToArray(), AclEntry.OpenToAll, ZNodeMode.PersistentWithTtl, TimeSpan.FromSeconds(1))).ShouldBe(
            "000000022f61" + "000000027879" + "00000001" + "0000001f" + "00000005" + Text("world") + "00000006" + Text("anyone") + "00000005" + "00000000000003e8");

    [Fact]
    public void Multi_MatchesTheGoldenBytes_WithOneOfEachOperation()
    {
        MultiOperation[] operations =
        [
            new MultiOperation.Check("/a", 1),
            new MultiOperation.Create("/b", default, CreateMode.Ephemeral),
            new MultiOperation.SetData("/c", new byte[] { 1 }, 2),
            new MultiOperation.Delete("/d", -1),
        ];

        Hex(RequestBodies.Multi(operations, [], path => "/r" + path)).ShouldBe(
            "0000000d00ffffffff" + "000000042f722f61" + "00000001" +
            "0000000100ffffffff" + "000000042f722f62" + "00000000" + "00000000" + "00000001" +
            "0000000500ffffffff" + "000000042f722f63" + "0000000101" + "00000002" +
            "0000000200ffffffff" + "000000042f722f64" + "ffffffff" +
            "ffffffff01ffffffff");
    }

    [Fact]
    public void SetWatches_MatchesTheGoldenBytes_WithThreeSorts()
        => Hex(RequestBodies.SetWatches(7, ["/a"], [], ["/b", "/c"])).ShouldBe(
            "0000000000000007" + "00000001000000022f61" + "00000000" + "00000002000000022f62000000022f63");

    [Fact]
    public void Digest_IsZooKeepersOwn_ForAKnownUser()
        => AclEntry.Digest("super", "admin").ShouldBe(new AclEntry(AclPermissions.All, "digest", "super:xQJmxLMiHGwaqBvst5y6rkB6HQs="));

    private static string Hex(ReadOnlyMemory<byte> bytes) => Convert.ToHexStringLower(bytes.Span);

    private static string Text(string text) => Convert.ToHexStringLower(Encoding.UTF8.GetBytes(text));
}
