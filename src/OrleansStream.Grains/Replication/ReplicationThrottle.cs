using OrleansStream.Core.Configuration;
using OrleansStream.Core.Throttling;
using OrleansStream.Grains.Partitions;

namespace OrleansStream.Grains.Replication;

/// <summary>One of the broker's replication quotas, with the rate that is configured at the moment. Thread-safe.</summary>
internal sealed class ReplicationThrottle
{
    private readonly ITopicConfigs _configs;
    private readonly ConfigKey<long> _rate;
    private readonly TimeProvider _time;
    private readonly long _start;
    private readonly Lock _lock = new();
    private readonly ReplicationQuota _quota;
    private BrokerConfig? _applied;

    public ReplicationThrottle(ITopicConfigs configs, ConfigKey<long> rate, TimeProvider time)
    {
        (_configs, _rate, _time, _start) = (configs, rate, time, time.GetTimestamp());
        _quota = new ReplicationQuota(
            configs.Broker.Get(BrokerConfigKeys.ReplicationQuotaWindowNum),
            1000L * configs.Broker.Get(BrokerConfigKeys.ReplicationQuotaWindowSizeSeconds));
    }

    /// <summary>The bytes of throttled replicas since the broker's start.</summary>
    public long TotalBytes
    {
        get
        {
            lock (_lock)
            {
                return _quota.TotalBytes;
            }
        }
    }

    private long NowMs => (long)_time.GetElapsedTime(_start).TotalMilliseconds;

    /// <summary>The bytes that throttled replicas which are not in sync may take now; 0 while they wait.</summary>
    public int Room()
    {
        lock (_lock)
        {
            Adopt();
            return (int)Math.Min(_quota.RoomAt(NowMs), int.MaxValue);
        }
    }

    /// <summary>How long until there may be room; zero if there is some.</summary>
    public TimeSpan UntilRoom()
    {
        lock (_lock)
        {
            Adopt();
            return TimeSpan.FromMilliseconds(_quota.MsUntilRoom(NowMs));
        }
    }

    /// <summary>Counts bytes of a throttled replica.</summary>
    public void Record(int bytes)
    {
        lock (_lock)
        {
            Adopt();
            _quota.Record(bytes, NowMs);
        }
    }

    private void Adopt()
    {
        if (_configs.Broker is var broker && !ReferenceEquals(broker, _applied))
        {
            _quota.BytesPerSecond = broker.Get(_rate);
            _applied = broker;
        }
    }
}
