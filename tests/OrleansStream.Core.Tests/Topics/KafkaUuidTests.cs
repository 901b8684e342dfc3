using OrleansStream.Core.Topics;

namespace OrleansStream.Core.Tests.Topics;

public class KafkaUuidTests
{
    [Theory]
    [InlineData("00000000-0000-0000-0000-000000000000", "AAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("00000000-0000-0000-0000-000000000001", "AAAAAAAAAAAAAAAAAAAAAQ")]
    [InlineData("00112233-4455-6677-8899-aabbccddeeff", "ABEiM0RVZneImaq7zN3u_w")]
    [InlineData("ffffffff-ffff-ffff-ffff-ffffffffffff", "_____________________w")]
    public void Encode_WritesTheBytesInOrder_AndTryDecodeReadsThem(string id, string text)
    {
        KafkaUuid.Encode(new Guid(id)).ShouldBe(text);
        KafkaUuid.TryDecode(text, out var decoded).ShouldBeTrue();
        decoded.ShouldBe(new Guid(id));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("AAAA")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAA==")]
    [InlineData("AAAAAAAAAAAAAAAAAAAA+/")]
    [InlineData("AAAAAAAAAAAAAAAAAAAA A")]
    public void TryDecode_IsFalse_ForOtherTexts(string? text) => KafkaUuid.TryDecode(text, out _).ShouldBeFalse();

    [Fact]
    public void IsUsable_LeavesOutReservedIdsAndLeadingDashes()
    {
        KafkaUuid.IsUsable(Guid.Empty).ShouldBeFalse();
        KafkaUuid.IsUsable(new Guid("00000000-0000-0000-0000-000000000001")).ShouldBeFalse();
        KafkaUuid.IsUsable(new Guid("f8000000-0000-0000-0000-000000000000")).ShouldBeFalse();
        KafkaUuid.IsUsable(new Guid("00000000-0000-0000-0000-000000000002")).ShouldBeTrue();
    }
}
