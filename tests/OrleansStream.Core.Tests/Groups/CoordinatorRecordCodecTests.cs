using OrleansStream.Core.Groups.Records;
using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Core.Tests.Groups;

/// <summary>The records as Kafka lays them out, byte by byte, written by hand.</summary>
public sealed class CoordinatorRecordCodecTests
{
    [Fact]
    public void OffsetCommit_IsKeyVersion1AndValueVersion3()
    {
        var record = new CoordinatorRecord(
            new OffsetCommitKey { Group = "g", Topic = "tt", Partition = 5 },
            new OffsetCommitValue { Offset = 258, LeaderEpoch = 7, Metadata = "m", CommitTimestamp = 9 });

        Key(record).ShouldBe([0, 1, 0, 1, (byte)'g', 0, 2, (byte)'t', (byte)'t', 0, 0, 0, 5]);
        Value(record).ShouldBe([0, 3, 0, 0, 0, 0, 0, 0, 1, 2, 0, 0, 0, 7, 0, 1, (byte)'m', 0, 0, 0, 0, 0, 0, 0, 9]);
    }

    [Fact]
    public void OffsetCommit_IsValueVersion1_WhenItHasAnExpiryOfItsOwn()
    {
        var record = new CoordinatorRecord(
            new OffsetCommitKey { Group = "g", Topic = "t", Partition = 0 },
            new OffsetCommitValue { Offset = 1, LeaderEpoch = 7, Metadata = "", CommitTimestamp = 2, ExpireTimestamp = 3 });

        Value(record).ShouldBe([0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 3]);
    }

    [Fact]
    public void GroupMetadata_IsKeyVersion2AndValueVersion3()
    {
        var record = new CoordinatorRecord(
            new GroupMetadataKey { Group = "g" },
            new GroupMetadataValue
            {
                ProtocolType = "consumer",
                Generation = 4,
                Protocol = "range",
                Leader = "a",
                CurrentStateTimestamp = 6,
                Members =
                {
                    new()
                    {
                        MemberId = "a",
                        GroupInstanceId = null,
                        ClientId = "c",
                        ClientHost = "/h",
                        RebalanceTimeout = 1,
                        SessionTimeout = 2,
                        Subscription = new byte[] { 8 },
                        Assignment = new byte[] { 9, 9 },
                    },
                },
            });

        Key(record).ShouldBe([0, 2, 0, 1, (byte)'g']);
        Value(record).ShouldBe(
        [
            0, 3, 0, 8, .. "consumer"u8, 0, 0, 0, 4, 0, 5, .. "range"u8, 0, 1, (byte)'a', 0, 0, 0, 0, 0, 0, 0, 6,
            0, 0, 0, 1, 0, 1, (byte)'a', 0xFF, 0xFF, 0, 1, (byte)'c', 0, 2, .. "/h"u8, 0, 0, 0, 1, 0, 0, 0, 2,
            0, 0, 0, 1, 8, 0, 0, 0, 2, 9, 9,
        ]);
    }

    [Fact]
    public void ConsumerGroupMember_HasItsClassicMetadataInATaggedField()
    {
        var record = new CoordinatorRecord(
            new ConsumerGroupMemberMetadataKey { GroupId = "g", MemberId = "m" },
            new ConsumerGroupMemberMetadataValue
            {
                InstanceId = null,
                RackId = "r",
                ClientId = "c",
                ClientHost = "h",
                SubscribedTopicNames = { "t" },
                SubscribedTopicRegex = null,
                RebalanceTimeoutMs = 1,
                ServerAssignor = null,
                ClassicMemberMetadata = new() { SessionTimeoutMs = 2, SupportedProtocols = { new() { Name = "p", Metadata = new byte[] { 3 } } } },
            });

        Key(record).ShouldBe([0, 5, 0, 1, (byte)'g', 0, 1, (byte)'m']);
        Value(record).ShouldBe(
        [
            0, 0, 0, 2, (byte)'r', 2, (byte)'c', 2, (byte)'h', 2, 2, (byte)'t', 0, 0, 0, 0, 1, 0,
            1, 0, 12,                                              // one tagged field: tag 0 of 12 bytes,
            1,                                                     // not null,
            0, 0, 0, 2, 2, 2, (byte)'p', 2, 3, 0, 0,               // with its own tagged fields
        ]);
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public void Read_GivesBackWhatWasWritten(CoordinatorRecord record)
    {
        var read = CoordinatorRecordCodec.Read(Key(record), Value(record)).ShouldNotBeNull();

        read.Key.GetType().ShouldBe(record.Key.GetType());
        Key(read).ShouldBe(Key(record));
        Value(read).ShouldBe(Value(record));
        CoordinatorRecordCodec.Read(Key(record), null).ShouldNotBeNull().Value.ShouldBeNull();
    }

    [Fact]
    public void Read_GivesNothing_ForATypeThatIsNotKnown()
        => CoordinatorRecordCodec.Read(new byte[] { 0, 99, 1, 2 }, new byte[] { 0, 0 }).ShouldBeNull();

    [Fact]
    public void Read_Throws_ForAVersionOfAValueThatIsNotKnown()
        => Should.Throw<KafkaProtocolException>(() => CoordinatorRecordCodec.Read(new byte[] { 0, 2, 0, 1, (byte)'g' }, new byte[] { 0, 9 }))
            .Message.ShouldContain("version 9");

    public static TheoryData<CoordinatorRecord> Samples() => new(new CoordinatorRecord[]
    {
        new(new OffsetCommitKey { Group = "g", Topic = "t" }, new OffsetCommitValue { Offset = 5, Metadata = "x" }),
        new(new GroupMetadataKey { Group = "g" }, new GroupMetadataValue { ProtocolType = "connect", Protocol = null, Leader = null }),
        new(new ConsumerGroupMetadataKey { GroupId = "g" }, new ConsumerGroupMetadataValue { Epoch = 5 }),
        new(
            new ConsumerGroupPartitionMetadataKey { GroupId = "g" },
            new ConsumerGroupPartitionMetadataValue { Topics = { new() { TopicId = new Guid(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11), TopicName = "t", NumPartitions = 3 } } }),
        new(new ConsumerGroupMemberMetadataKey { GroupId = "g", MemberId = "m" }, new ConsumerGroupMemberMetadataValue { ClientId = "c" }),
        new(new ConsumerGroupTargetAssignmentMetadataKey { GroupId = "g" }, new ConsumerGroupTargetAssignmentMetadataValue { AssignmentEpoch = 5 }),
        new(
            new ConsumerGroupTargetAssignmentMemberKey { GroupId = "g", MemberId = "m" },
            new ConsumerGroupTargetAssignmentMemberValue { TopicPartitions = { new() { Partitions = [1, 2] } } }),
        new(
            new ConsumerGroupCurrentMemberAssignmentKey { GroupId = "g", MemberId = "m" },
            new ConsumerGroupCurrentMemberAssignmentValue { MemberEpoch = 2, PreviousMemberEpoch = 1, State = 1, AssignedPartitions = { new() { Partitions = [1] } } }),
    });

    private static byte[] Key(CoordinatorRecord record)
    {
        using var writer = new KafkaWriter();
        CoordinatorRecordCodec.WriteKey(writer, record);
        return writer.ToArray();
    }

    private static byte[] Value(CoordinatorRecord record)
    {
        using var writer = new KafkaWriter();
        CoordinatorRecordCodec.WriteValue(writer, record);
        return writer.ToArray();
    }
}
