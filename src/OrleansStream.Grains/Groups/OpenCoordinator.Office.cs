using OrleansStream.Core.Configuration;

namespace OrleansStream.Grains.Groups;

/// <content>Whether what it knows may be shown: all of it is committed, and nobody else coordinates meanwhile.</content>
internal sealed partial class OpenCoordinator
{
    private static readonly TimeSpan OfficePollInterval = TimeSpan.FromMilliseconds(10);

    /// <summary>
    /// Waits until what the machine has replayed is committed, and until it is sure that nobody else coordinates: one that was cut off, or
    /// stood still, may not have heard of that yet, and what others have committed since it cannot know.
    /// </summary>
    private async Task<ErrorCode> AwaitOfficeAsync(int timeoutMs)
    {
        var end = -1L;
        var started = _services.Time.GetTimestamp();
        while (true)
        {
            if (IsClosed || _services.Hosted.Find(_topicPartition)?.LeadingEpoch != LeaderEpoch)
            {
                return ErrorCode.NotLeaderOrFollower;
            }

            if (_hasUncommitted)
            {
                var described = await _partition.DescribeAsync(CancellationToken.None);
                end = end < 0 ? described.LogEndOffset : end;
                _hasUncommitted = described.HighWatermark < end;
            }

            if (!_hasUncommitted && IsInOffice())
            {
                return ErrorCode.None;
            }

            if (_services.Time.GetElapsedTime(started).TotalMilliseconds >= timeoutMs)
            {
                return ErrorCode.RequestTimedOut;
            }

            await Task.Delay(OfficePollInterval, _services.Time);
        }
    }

    /// <summary>
    /// Whether the replicas still follow this leader. A follower says so with each fetch; a leader of which nothing is heard is replaced only
    /// when <c>broker.session.timeout.ms</c> is nearly over.
    /// </summary>
    private bool IsInOffice()
    {
        var config = _services.Configs.Broker;
        var wait = config.Get(BrokerConfigKeys.ReplicaFetchWaitMaxMs);
        var most = Math.Max(wait + 250, config.Get(BrokerConfigKeys.BrokerSessionTimeoutMs) * 3 / 4);
        return _services.Hosted.Find(_topicPartition)?.IsFollowed(TimeSpan.FromMilliseconds(Math.Min(wait + 1000, most))) == true;
    }
}
