using OrleansStream.Simulation.Tests.Brokers;
using OrleansStream.Simulation.Tests.Scheduling;

namespace OrleansStream.Simulation.Tests.Clients;

/// <summary>Reads a partition from its beginning, from whoever says that it leads it.</summary>
internal sealed class SimConsumer(SimCluster cluster, int id, TopicPartition partition) : SimNode(id)
{
    private int _broker = 1;
    private int _attempt;

    public TopicPartition Partition { get; } = partition;

    public List<SimRecord> Records { get; } = [];

    public void Read()
    {
        var attempt = ++_attempt;
        var broker = cluster.BrokerOf(_broker);
        cluster.Network.Call<(ErrorCode Error, SimRecord[] Records)>(this, broker, reply => reply(broker.OnRead(Partition, Records.Count)), answer =>
        {
            if (attempt != _attempt)
            {
                return;
            }

            if (answer.Error == ErrorCode.None)
            {
                Records.AddRange(answer.Records);
                cluster.Checker.OnRead(Partition, Records);
            }
            else
            {
                _broker = cluster.GuessLeader(Partition);
            }

            _attempt++;
            cluster.Network.Post(this, 12, Read);
        });
        cluster.Network.Post(this, 40, () =>
        {
            if (attempt == _attempt)
            {
                _broker = cluster.GuessLeader(Partition);
                Read();
            }
        });
    }
}
