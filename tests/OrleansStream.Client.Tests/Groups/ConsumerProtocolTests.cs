using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Client.Tests.Groups;

/// <summary>Golden bytes, written down field by field from Kafka's definition of the messages.</summary>
public sealed class ConsumerProtocolTests
{
    // version 3 | 1 topic "ab" | user data 4 bytes | owned: 1 topic "ab" with [0, 2] | generation 7 | rack "r1"
    private const string Subscription =
        "0003" + "00000001" + "0002" + "6162" + "00000004" + "00000007" + "00000001" + "0002" + "6162" + "00000002" + "00000000" + "00000002" + "00000007" + "0002" + "7231";

    [Fact]
    public void WriteSubscription_WritesVersion3()
        => Convert.ToHexStringLower(ConsumerProtocol.WriteSubscription(new MemberSubscription
        {
            MemberId = "m",
            Topics = ["ab"],
            UserData = Convert.FromHexString("00000007"),
            OwnedPartitions = [new TopicPartition("ab", 0), new TopicPartition("ab", 2)],
            GenerationId = 7,
            RackId = "r1",
        })).ShouldBe(Subscription);

    [Theory]
    [InlineData(0, "0000" + "00000001" + "0002" + "6162" + "ffffffff", -1)]
    [InlineData(1, "0001" + "00000001" + "0002" + "6162" + "ffffffff" + "00000001" + "0002" + "6162" + "00000001" + "00000005", -1)]
    [InlineData(2, "0002" + "00000001" + "0002" + "6162" + "ffffffff" + "00000001" + "0002" + "6162" + "00000001" + "00000005" + "00000009", 9)]
    [InlineData(9, "0009" + "00000001" + "0002" + "6162" + "ffffffff" + "00000001" + "0002" + "6162" + "00000001" + "00000005" + "00000009" + "ffff" + "cafe", 9)]
    public void ReadSubscription_ReadsEveryVersion(int version, string bytes, int generation)
    {
        var read = ConsumerProtocol.ReadSubscription("m", "i", Convert.FromHexString(bytes));

        read.Topics.ShouldBe(["ab"]);
        read.UserData.ShouldBeNull();
        read.OwnedPartitions.ShouldBe(version == 0 ? [] : [new TopicPartition("ab", 5)]);
        read.GenerationId.ShouldBe(generation);
        (read.MemberId, read.GroupInstanceId, read.RackId).ShouldBe(("m", "i", null));
    }

    [Fact]
    public void ReadSubscription_ReadsWhatKafkajsWrites()
    {
        // Version 0 with empty user data.
        var read = ConsumerProtocol.ReadSubscription("m", null, Convert.FromHexString("0000" + "00000001" + "0002" + "6162" + "00000000"));
        read.Topics.ShouldBe(["ab"]);
        read.UserData!.Value.Length.ShouldBe(0);
    }

    [Fact]
    public void ReadSubscription_Throws_AtEveryPointWhereItIsCut()
    {
        var whole = Convert.FromHexString(Subscription);
        for (var length = 0; length < whole.Length; length++)
        {
            Should.Throw<KafkaProtocolException>(() => ConsumerProtocol.ReadSubscription("m", null, whole.AsMemory(0, length)), $"{length} bytes");
        }
    }

    [Fact]
    public void WriteAssignment_WritesVersion3()
        => Convert.ToHexStringLower(ConsumerProtocol.WriteAssignment([new TopicPartition("b", 1), new TopicPartition("a", 0), new TopicPartition("b", 3)]))
            .ShouldBe("0003" + "00000002" + "0001" + "62" + "00000002" + "00000001" + "00000003" + "0001" + "61" + "00000001" + "00000000" + "ffffffff");

    [Theory]
    [InlineData("")]
    [InlineData("0000" + "00000000" + "ffffffff")]
    [InlineData("0001" + "00000000")]
    public void ReadAssignment_IsEmpty_WhenNothingIsAssigned(string bytes)
        => ConsumerProtocol.ReadAssignment(Convert.FromHexString(bytes)).ShouldBeEmpty();

    [Fact]
    public void StickyUserData_IsKafkasVersion1()
        => Convert.ToHexStringLower(PartitionAssignors.Sticky.GetUserData([new TopicPartition("t", 0), new TopicPartition("t", 3)], 4)!.Value.Span)
            .ShouldBe("00000001" + "0001" + "74" + "00000002" + "00000000" + "00000003" + "00000004");

    [Fact]
    public void StickyUserData_IsNone_BeforeTheFirstAssignment()
        => PartitionAssignors.Sticky.GetUserData([], -1).ShouldBeNull();

    [Fact]
    public void CooperativeStickyUserData_IsTheGeneration()
        => Convert.ToHexStringLower(PartitionAssignors.CooperativeSticky.GetUserData([new TopicPartition("t", 0)], 4)!.Value.Span).ShouldBe("00000004");

    [Fact]
    public void StickyReadUserData_ReadsVersion0_WithoutGeneration()
    {
        var member = new MemberSubscription { MemberId = "m", Topics = ["t"], UserData = Convert.FromHexString("00000001" + "0001" + "74" + "00000001" + "00000003") };
        var prior = StickyAssignor.ReadUserData(member);
        prior.Partitions.ShouldBe([new TopicPartition("t", 3)]);
        prior.GenerationId.ShouldBe(-1);
    }
}
