using Orleans.Runtime;

namespace OrleansStream.Gateway.Requests;

/// <summary>What a client is told when a grain call fails instead of answering: a retriable error, as from a Kafka broker that is starting or stopping.</summary>
internal static class GrainErrors
{
    /// <summary>Whether the exception is one that callers see while silos come and go.</summary>
    public static bool IsPassing(Exception exception)
        => exception is OrleansException or TimeoutException or OperationCanceledException;

    /// <summary>The error code of such an exception.</summary>
    public static ErrorCode ToErrorCode(Exception exception)
        => exception is TimeoutException ? ErrorCode.RequestTimedOut : ErrorCode.NotLeaderOrFollower;
}
