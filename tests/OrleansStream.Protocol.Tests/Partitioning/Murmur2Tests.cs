using System.Text;
using OrleansStream.Protocol.Partitioning;

namespace OrleansStream.Protocol.Tests.Partitioning;

public sealed class Murmur2Tests
{
    /// <summary>The values that Kafka's own tests and those of other clients hold their hash to.</summary>
    [Theory]
    [InlineData("21", -973932308)]
    [InlineData("foobar", -790332482)]
    [InlineData("a-little-bit-long-string", -985981536)]
    [InlineData("a-little-bit-longer-string", -1486304829)]
    [InlineData("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971)]
    [InlineData("abc", 479470107)]
    public void Hash_GivesKafkasValue_ForPublishedKeys(string key, int expected) =>
        Murmur2.Hash(Encoding.UTF8.GetBytes(key)).ShouldBe(expected);

    [Theory]
    [InlineData("21", 12)]
    [InlineData("foobar", 1)]
    [InlineData("abc", 7)]
    public void PartitionFor_DropsTheSignBit_WhenHashIsNegative(string key, int partitionCount)
    {
        var bytes = Encoding.UTF8.GetBytes(key);
        var positive = (uint)Murmur2.Hash(bytes) & 0x7fffffffu;
        Murmur2.PartitionFor(bytes, partitionCount).ShouldBe((int)(positive % (uint)partitionCount));
    }

    [Fact]
    public void PartitionFor_GivesKafkasPartition_ForPublishedKey() =>
        // (-973932308 & 0x7fffffff) = 1173551340, modulo 12
        Murmur2.PartitionFor("21"u8, 12).ShouldBe(1173551340 % 12);

    [Fact]
    public void PartitionFor_Throws_WhenThereIsNoPartition() =>
        Should.Throw<ArgumentOutOfRangeException>(() => Murmur2.PartitionFor("key"u8, 0));
}
