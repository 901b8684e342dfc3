using Microsoft.Extensions.Logging;

namespace OrleansStream.Client;

/// <summary>What a member of a group logs.</summary>
internal sealed partial class GroupLog(ILoggerFactory loggerFactory)
{
    private readonly ILogger _logger = loggerFactory.CreateLogger("OrleansStream.Client.Group");

    [LoggerMessage(301, LogLevel.Information, "{GroupId}: joining as '{MemberId}': {Reason}")]
    public partial void Joining(string groupId, string memberId, string reason);

    [LoggerMessage(302, LogLevel.Information, "{GroupId}: member '{MemberId}' of generation {GenerationId} by {Protocol}: {Count} partitions, {Added} of them new, {Revoked} given back")]
    public partial void Joined(string groupId, string memberId, int generationId, string protocol, int count, int added, int revoked);

    [LoggerMessage(303, LogLevel.Information, "{GroupId}: leader of generation {GenerationId}; assigning to {MemberCount} members by {Protocol}")]
    public partial void Assigning(string groupId, int generationId, int memberCount, string protocol);

    [LoggerMessage(304, LogLevel.Warning, "{GroupId}: cannot join yet: {Message}; trying again in {Pause}")]
    public partial void CannotJoin(string groupId, string message, TimeSpan pause);

    [LoggerMessage(305, LogLevel.Warning, "{GroupId}: member '{MemberId}' has lost {Count} partitions: {Reason}")]
    public partial void Lost(string groupId, string memberId, int count, string reason);

    [LoggerMessage(306, LogLevel.Warning, "{GroupId}: no read for {MaxPollInterval} (max.poll.interval.ms); member '{MemberId}' leaves until the next one")]
    public partial void PollExpired(string groupId, TimeSpan maxPollInterval, string memberId);

    [LoggerMessage(307, LogLevel.Warning, "{GroupId}: the heartbeat failed: {Message}")]
    public partial void HeartbeatFailed(string groupId, string message);

    [LoggerMessage(308, LogLevel.Warning, "{GroupId}: offsets were not committed: {Message}")]
    public partial void CommitFailed(string groupId, string message);

    [LoggerMessage(309, LogLevel.Debug, "{GroupId}: committed {Count} offsets")]
    public partial void Committed(string groupId, int count);

    [LoggerMessage(310, LogLevel.Warning, "{GroupId}: topics cannot be looked up: {Message}")]
    public partial void CannotWatch(string groupId, string message);

    [LoggerMessage(311, LogLevel.Warning, "{GroupId}: topic '{Topic}' is not there yet")]
    public partial void TopicMissing(string groupId, string topic);

    [LoggerMessage(312, LogLevel.Information, "{GroupId}: member '{MemberId}' leaves: {Reason}")]
    public partial void Leaving(string groupId, string memberId, string reason);

    [LoggerMessage(313, LogLevel.Warning, "{GroupId}: leaving failed, the session will time out: {Message}")]
    public partial void CannotLeave(string groupId, string message);

    [LoggerMessage(314, LogLevel.Warning, "{GroupId}: assignor {Assignor} gave {TopicPartition} to member '{MemberId}', which does not subscribe to it")]
    public partial void StrayAssignment(string groupId, string assignor, TopicPartition topicPartition, string memberId);

    [LoggerMessage(315, LogLevel.Error, "{GroupId}: a handler failed")]
    public partial void HandlerFailed(string groupId, Exception exception);
}
