using System.Buffers.Binary;
using OrleansStream.Storage.Compaction;

namespace OrleansStream.Storage.Tests.Compaction;

public sealed class OffsetMapTests
{
    /// <summary>The reference vectors of SipHash-2-4 with 128 bits: secret 00 to 0f, input 00, 01, 02 and so on.</summary>
    [Theory]
    [InlineData(0, "A3817F04BA25A8E66DF67214C7550293")]
    [InlineData(1, "DA87C1D86B99AF44347659119B22FC45")]
    public void Of_IsSipHash(int length, string expected)
    {
        var secret = Enumerable.Range(0, 16).Select(i => (byte)i).ToArray();
        var input = Enumerable.Range(0, length).Select(i => (byte)i).ToArray();
        var (low, high) = KeyHash.WithSecret(secret).Of(input);
        var bytes = new byte[16];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, low);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(8), high);
        Convert.ToHexString(bytes).ShouldBe(expected);
    }

    [Fact]
    public void Map_HoldsTheLastOffsetOfEachKey_UntilItIsFull()
    {
        OffsetMap.Slot[] memory = [];
        var map = OffsetMap.Create(ref memory, maxBytes: 1_000 * OffsetMap.SlotBytes, maxKeys: long.MaxValue / 2);
        map.Capacity.ShouldBeInRange(880, 900);
        for (var i = 0; i < map.Capacity; i++)
        {
            map.TryPut(BitConverter.GetBytes(i), i).ShouldBeTrue();
        }

        map.TryPut("another"u8, 5_000).ShouldBeFalse("there is no room for another key");
        map.LatestOffset.ShouldBe(map.Capacity - 1);
        map.TryPut(BitConverter.GetBytes(7), 5_000).ShouldBeTrue("a known key needs no room");
        map.Get(BitConverter.GetBytes(7)).ShouldBe(5_000);
        map.Get(BitConverter.GetBytes(8)).ShouldBe(8);
        map.Get("another"u8).ShouldBe(-1);

        OffsetMap.Create(ref memory, maxBytes: 1_000 * OffsetMap.SlotBytes, maxKeys: 10).Get(BitConverter.GetBytes(7)).ShouldBe(-1, "the memory is used again, the content is not");
    }
}
