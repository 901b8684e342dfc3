using System.Collections.Immutable;
using System.Text;
using OrleansStream.Core.Controller;
using OrleansStream.Metadata.Layout;

namespace OrleansStream.Metadata.Tests.Layout;

/// <summary>The bytes of each node are frozen: other versions, and Kafka's own tools, read them.</summary>
public class ZNodePayloadTests
{
    private const long TimeMs = 1_700_000_000_123;

    private static readonly BrokerRegistration Broker = new(
        3,
        [
            new BrokerEndpoint("CLIENT", "PLAINTEXT", "host1", 9092),
            new BrokerEndpoint("SECURE", "SASL_SSL", "::1", 9093),
        ],
        "gateway.example",
        30000,
        "rack-a");

    [Fact]
    public void Broker_IsVersion5WithOurGateway()
    {
        var bytes = ZNodePayload.WriteBroker(Broker, TimeMs);

        Json(bytes).ShouldBe(
            """{"version":5,"host":"host1","port":9092,"jmx_port":-1,"timestamp":"1700000000123","endpoints":["CLIENT://host1:9092","SECURE://[::1]:9093"],"rack":"rack-a","listener_security_protocol_map":{"CLIENT":"PLAINTEXT","SECURE":"SASL_SSL"},"features":{},"gateway_host":"gateway.example","gateway_port":30000}""");
        ZNodePayload.ReadBroker(3, bytes).ShouldBe(Broker);
    }

    [Fact]
    public void Broker_HasNoRackAndNoPlaintextHost_WhenThereIsNone()
    {
        var secure = Broker with { Rack = null, Endpoints = [new BrokerEndpoint("SSL", "SSL", "host1", 9093)] };

        var bytes = ZNodePayload.WriteBroker(secure, TimeMs);

        Json(bytes).ShouldBe(
            """{"version":5,"port":-1,"jmx_port":-1,"timestamp":"1700000000123","endpoints":["SSL://host1:9093"],"listener_security_protocol_map":{"SSL":"SSL"},"features":{},"gateway_host":"gateway.example","gateway_port":30000}""");
        ZNodePayload.ReadBroker(3, bytes).ShouldBe(secure);
    }

    [Fact]
    public void Broker_IsRead_WhenApacheKafkaWroteIt()
    {
        var read = ZNodePayload.ReadBroker(
            1,
            Bytes("""{"features":{"f":{"min_version":1,"max_version":3}},"listener_security_protocol_map":{"PLAINTEXT":"PLAINTEXT"},"endpoints":["PLAINTEXT://localhost:9092"],"jmx_port":9999,"port":9092,"host":"localhost","version":5,"timestamp":"2233345666","tags":{}}"""));

        read.Endpoints.ShouldBe([new BrokerEndpoint("PLAINTEXT", "PLAINTEXT", "localhost", 9092)]);
        read.Rack.ShouldBeNull();
        read.GatewayPort.ShouldBe(-1);
    }

    [Fact]
    public void Topic_IsVersion3WithItsId()
    {
        var topic = new TopicAssignment(
            "orders",
            new Guid("00112233-4455-6677-8899-aabbccddeeff"),
            [new ReplicaAssignment(1, 2), new ReplicaAssignment([2, 3, 1], [3], [1])]);

        var bytes = ZNodePayload.WriteTopic(topic);

        Json(bytes).ShouldBe(
            """{"version":3,"topic_id":"ABEiM0RVZneImaq7zN3u_w","partitions":{"0":[1,2],"1":[2,3,1]},"adding_replicas":{"1":[3]},"removing_replicas":{"1":[1]}}""");
        ZNodePayload.ReadTopic("orders", bytes).ShouldBe(topic);
    }

    [Fact]
    public void Topic_IsReadInAnyOrderAndWithoutId_WhenAnOlderKafkaWroteIt()
    {
        var read = ZNodePayload.ReadTopic("t", Bytes("""{"version":1,"partitions":{"10":[1],"2":[1],"1":[1],"0":[2,1],"3":[1],"4":[1],"5":[1],"6":[1],"7":[1],"8":[1],"9":[3]}}"""));

        read.TopicId.ShouldBe(Guid.Empty);
        read.Partitions.Length.ShouldBe(11);
        read.Partitions[0].Replicas.ShouldBe([2, 1]);
        read.Partitions[9].Replicas.ShouldBe([3]);
    }

    [Fact]
    public void PartitionState_IsKafkasVersion1()
    {
        var state = new LeaderAndIsr(1, 7, [1, 2], 3);
        var withOurs = state with { Elr = [3], BrokerEpochs = ImmutableSortedDictionary<int, long>.Empty.Add(1, 30).Add(3, 20) };
        ZNodePayload.ReadPartitionState(new TopicPartition("orders", 0), ZNodePayload.WritePartitionState(withOurs)).ShouldBe(withOurs);

        var bytes = ZNodePayload.WritePartitionState(state);

        Json(bytes).ShouldBe("""{"controller_epoch":3,"leader":1,"version":1,"leader_epoch":7,"isr":[1,2]}""");
        ZNodePayload.ReadPartitionState(new("t", 0), bytes).ShouldBe(state);
    }

    [Fact]
    public void ControllerAndItsEpoch_AreKafkas()
    {
        Json(ZNodePayload.WriteController(4, TimeMs)).ShouldBe("""{"version":1,"brokerid":4,"timestamp":"1700000000123"}""");
        ZNodePayload.ReadController(Bytes("""{"version":2,"brokerid":5,"timestamp":"1","kraftControllerEpoch":-1}""")).ShouldBe(5);
        Json(ZNodePayload.WriteControllerEpoch(12)).ShouldBe("12");
        ZNodePayload.ReadControllerEpoch(Bytes("12")).ShouldBe(12);
    }

    [Fact]
    public void Config_IsKafkasVersion1_InTheOrderOfTheKeys()
    {
        var values = ImmutableDictionary<string, string>.Empty.Add("segment.bytes", "100").Add("cleanup.policy", "compact,delete");

        var bytes = ZNodePayload.WriteConfig(values);

        Json(bytes).ShouldBe("""{"version":1,"config":{"cleanup.policy":"compact,delete","segment.bytes":"100"}}""");
        ZNodePayload.ReadConfig("/config/topics/t", bytes).ShouldBe(values, ignoreOrder: true);
        ZNodePayload.ReadConfig("/config/topics/t", default).ShouldBeEmpty();
    }

    [Fact]
    public void Notifications_AreKafkas()
    {
        Json(ZNodePayload.WriteConfigChange("topics/orders")).ShouldBe("""{"version":2,"entity_path":"topics/orders"}""");
        ZNodePayload.ReadConfigChange("/x", ZNodePayload.WriteConfigChange("brokers/1")).ShouldBe("brokers/1");
        var isr = ZNodePayload.WriteIsrChange([new("a", 1), new("b", 0)]);
        Json(isr).ShouldBe("""{"version":1,"partitions":[{"topic":"a","partition":1},{"topic":"b","partition":0}]}""");
        ZNodePayload.ReadIsrChange("/x", isr).ShouldBe([new("a", 1), new("b", 0)]);
    }

    [Fact]
    public void ProducerIdBlock_HasItsNumbersAsTexts()
    {
        var block = new ProducerIdBlock(2, 3000, 3999);

        var bytes = ZNodePayload.WriteProducerIdBlock(block);

        Json(bytes).ShouldBe("""{"version":1,"broker":2,"block_start":"3000","block_end":"3999"}""");
        ZNodePayload.ReadProducerIdBlock(bytes).ShouldBe(block);
    }

    [Fact]
    public void ClusterId_HasItsVersionAsText()
    {
        var bytes = ZNodePayload.WriteClusterId("5L6g3nShT-eMCtK--X86sw");

        Json(bytes).ShouldBe("""{"version":"1","id":"5L6g3nShT-eMCtK--X86sw"}""");
        ZNodePayload.ReadClusterId(bytes).ShouldBe("5L6g3nShT-eMCtK--X86sw");
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("{\"leader\":")]
    [InlineData("""{"controller_epoch":1,"leader":"x","leader_epoch":0,"isr":[]}""")]
    public void PartitionState_NamesItsNode_WhenItIsMalformed(string json)
        => Should.Throw<ZNodeFormatException>(() => ZNodePayload.ReadPartitionState(new("orders", 7), Bytes(json)))
            .Path.ShouldBe("/brokers/topics/orders/partitions/7/state");

    [Theory]
    [InlineData("""{"version":3,"topic_id":"short","partitions":{}}""", "'short' is not a topic id")]
    [InlineData("""{"version":3,"partitions":{"0":[1],"2":[1]}}""", "partition 1 is missing")]
    [InlineData("""{"version":3,"partitions":{"0":[]}}""", "partition 0 is missing or has no replicas")]
    public void Topic_SaysWhatIsWrong_WhenItIsMalformed(string json, string problem)
        => Should.Throw<ZNodeFormatException>(() => ZNodePayload.ReadTopic("orders", Bytes(json))).Message.ShouldContain(problem);

    [Theory]
    [InlineData("host:1")]
    [InlineData("A://host")]
    [InlineData("A://host:x")]
    [InlineData("://host:1")]
    public void Broker_SaysWhatIsWrong_WhenAnEndpointIsMalformed(string endpoint)
        => Should.Throw<ZNodeFormatException>(() => ZNodePayload.ReadBroker(1, Bytes($$"""{"host":"h","endpoints":["{{endpoint}}"]}""")))
            .Message.ShouldContain($"'{endpoint}' is not an endpoint");

    [Fact]
    public void OtherNodes_SayWhatIsWrong_WhenTheyAreMalformed()
    {
        Should.Throw<ZNodeFormatException>(() => ZNodePayload.ReadControllerEpoch(Bytes("x"))).Path.ShouldBe("/controller_epoch");
        Should.Throw<ZNodeFormatException>(() => ZNodePayload.ReadProducerIdBlock(Bytes("""{"broker":1,"block_start":"5","block_end":"4"}""")));
        Should.Throw<ZNodeFormatException>(() => ZNodePayload.ReadClusterId(Bytes("{}")));
        Should.Throw<ZNodeFormatException>(() => ZNodePayload.ReadConfig("/config/topics/t", Bytes("x"))).Path.ShouldBe("/config/topics/t");
    }

    [Fact]
    public void Paths_AreKafkas()
    {
        ZNodes.Broker(3).ShouldBe("/brokers/ids/3");
        ZNodes.Topic("t").ShouldBe("/brokers/topics/t");
        ZNodes.PartitionState(new("t", 5)).ShouldBe("/brokers/topics/t/partitions/5/state");
        ZNodes.DeleteTopic("t").ShouldBe("/admin/delete_topics/t");
        ZNodes.TopicConfig("t").ShouldBe("/config/topics/t");
        ZNodes.BrokerConfig(1).ShouldBe("/config/brokers/1");
        ZNodes.BrokerConfig(null).ShouldBe("/config/brokers/<default>");
        ZNodes.Persistent.ShouldAllBe(path => NodePath.Parent(path) == "/" || ZNodes.Persistent.Contains(NodePath.Parent(path)));
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static string Json(byte[] bytes) => Encoding.UTF8.GetString(bytes);
}
