using OrleansStream.Simulation.Tests.Scheduling;

namespace OrleansStream.Simulation.Tests.Clients;

/// <summary>An idempotent producer: one record at a time, sent until it is acknowledged by all in-sync replicas.</summary>
internal sealed class SimProducer(SimCluster cluster, int id, TopicPartition partition) : SimNode(id)
{
    private int _sequence;
    private int _attempt;
    private int _broker = 1;

    public TopicPartition Partition { get; } = partition;

    /// <summary>How many records were acknowledged.</summary>
    public int Acknowledged => _sequence;

    /// <summary>Whether no further record is begun.</summary>
    public bool IsStopped { get; set; }

    public bool IsIdle { get; private set; }

    public void Send()
    {
        IsIdle = IsStopped;
        if (IsStopped)
        {
            return;
        }

        Try();
    }

    private void Try()
    {
        var attempt = ++_attempt;
        var sequence = _sequence;
        var broker = cluster.BrokerOf(_broker);
        cluster.Network.Call<(ErrorCode Error, long Offset)>(this, broker, reply => broker.OnProduce(Partition, Id, sequence, reply), answer =>
        {
            if (attempt != _attempt)
            {
                return;
            }

            if (answer.Error == ErrorCode.None)
            {
                cluster.Checker.OnAcknowledged(Partition, Id, sequence, answer.Offset);
                _sequence++;
                _attempt++;
                cluster.Network.Post(this, cluster.Random.Between(1, 8), Send);
                return;
            }

            // One that has not heard yet that another leads may lack what was acknowledged since.
            if (answer.Error is ErrorCode.OutOfOrderSequenceNumber or ErrorCode.InvalidProducerEpoch
                && cluster.LeaderOf(Partition)?.Machine.BrokerId == broker.Id)
            {
                throw new Checking.SimViolationException(
                    $"Producer {Id} sent {sequence} to {Partition} after {sequence - 1} was acknowledged, and broker {broker.Id} answered {answer.Error}.");
            }

            Again(attempt, 5);
        });
        cluster.Network.Post(this, 150, () => Again(attempt, 0));
    }

    private void Again(int attempt, long delayMs)
    {
        if (attempt != _attempt)
        {
            return;
        }

        _attempt++;
        _broker = cluster.GuessLeader(Partition);
        cluster.Network.Post(this, delayMs, Try);
    }
}
