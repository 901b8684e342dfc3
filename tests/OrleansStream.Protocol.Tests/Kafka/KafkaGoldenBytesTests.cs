using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Protocol.Tests.Kafka;

/// <summary>Messages as Kafka's protocol guide lays them out, byte by byte, written by hand.</summary>
public sealed class KafkaGoldenBytesTests
{
    [Fact]
    public void ApiVersionsRequest_V3_IsFlexible()
    {
        var request = new ApiVersionsRequest { ClientSoftwareName = "kcat", ClientSoftwareVersion = "1.7" };

        KafkaMessages.Write(request, 3).ShouldBe([5, .. "kcat"u8, 4, .. "1.7"u8, 0]);
    }

    [Fact]
    public void ApiVersionsResponse_V0_HasNoThrottleTime()
    {
        var response = new ApiVersionsResponse
        {
            ErrorCode = ErrorCode.UnsupportedVersion,
            ApiKeys = { new() { ApiKey = 18, MinVersion = 0, MaxVersion = 4 } },
        };

        KafkaMessages.Write(response, 0).ShouldBe([0, 35, 0, 0, 0, 1, 0, 18, 0, 0, 0, 4]);
    }

    [Fact]
    public void ApiVersionsResponse_V3_LeavesDefaultTaggedFieldsOut()
    {
        var response = new ApiVersionsResponse { ApiKeys = { new() { ApiKey = 1, MinVersion = 4, MaxVersion = 12 } }, ThrottleTimeMs = 7 };

        KafkaMessages.Write(response, 3).ShouldBe([0, 0, 2, 0, 1, 0, 4, 0, 12, 0, 0, 0, 0, 7, 0]);
    }

    [Fact]
    public void MetadataRequest_V1_TellsAllTopicsFromNone()
    {
        KafkaMessages.Write(new MetadataRequest { Topics = null }, 1).ShouldBe([0xFF, 0xFF, 0xFF, 0xFF]);
        KafkaMessages.Write(new MetadataRequest { Topics = [] }, 1).ShouldBe([0, 0, 0, 0]);
        Should.Throw<InvalidOperationException>(() => KafkaMessages.Write(new MetadataRequest { Topics = null }, 0))
            .Message.ShouldContain("MetadataRequest.Topics");
    }

    [Fact]
    public void FetchResponse_V12_CarriesTheCurrentLeaderAsATaggedField()
    {
        var response = new FetchResponse
        {
            SessionId = 1,
            Responses =
            {
                new()
                {
                    Topic = "t",
                    Partitions =
                    {
                        new()
                        {
                            PartitionIndex = 2,
                            ErrorCode = ErrorCode.NotLeaderOrFollower,
                            HighWatermark = 3,
                            CurrentLeader = new() { LeaderId = 4, LeaderEpoch = 5 },
                            AbortedTransactions = null,
                            Records = null,
                        },
                    },
                },
            },
        };

        KafkaMessages.Write(response, 12).ShouldBe(
        [
            0, 0, 0, 0, 0, 0, 0, 0, 0, 1,                                  // throttle time, error, session id
            2, 2, (byte)'t',                                               // one topic
            2, 0, 0, 0, 2, 0, 6,                                           // one partition, its error
            0, 0, 0, 0, 0, 0, 0, 3,                                        // high watermark
            0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,                // last stable offset
            0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,                // log start offset
            0, 0xFF, 0xFF, 0xFF, 0xFF, 0,                                  // aborted transactions, read replica, records
            1, 1, 9, 0, 0, 0, 4, 0, 0, 0, 5, 0,                            // tag 1 of 9 bytes: the leader, without tags of its own
            0, 0,                                                          // no tags of the topic, none of the response
        ]);
    }

    [Fact]
    public void Read_SkipsTaggedFieldsThatItDoesNotKnow()
    {
        byte[] bytes = [5, .. "kcat"u8, 4, .. "1.7"u8, 2, 9, 3, 1, 2, 3, 100, 0];
        var reader = new KafkaReader(bytes);

        var request = ApiVersionsRequest.Read(ref reader, 3);

        request.ClientSoftwareName.ShouldBe("kcat");
        reader.Remaining.ShouldBe(0);
    }

    [Theory]
    [InlineData(new byte[] { 0x7F, 0xFF, 0xFF, 0xFF }, "2147483647 elements")]
    [InlineData(new byte[] { 0x80, 0x00, 0x00, 0x00 }, "-2147483648")]
    public void Read_RefusesAnArrayLength_BeforeItAllocates(byte[] bytes, string inMessage)
        => Should.Throw<KafkaProtocolException>(() =>
        {
            var reader = new KafkaReader(bytes);
            MetadataRequest.Read(ref reader, 1);
        }).Message.ShouldContain(inMessage);

    [Fact]
    public void Find_KnowsEachServedApi_AndNoOther()
    {
        KafkaApis.Find((short)ApiKey.Produce).ShouldBe(new ApiDescriptor(ApiKey.Produce, 0, 9, 0, 9));
        KafkaApis.Find((short)ApiKey.ApiVersions)!.ResponseHeaderVersion(4).ShouldBe((short)0);
        KafkaApis.Find(4).ShouldBeNull();
        KafkaApis.Find(-1).ShouldBeNull();
        KafkaApis.Find(short.MaxValue).ShouldBeNull();
    }
}
