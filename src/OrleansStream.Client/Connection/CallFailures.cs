using System.Net.Sockets;
using Orleans.Runtime;

namespace OrleansStream.Client;

/// <summary>What an exception from a grain call means: the answer did not come, so the outcome is unknown.</summary>
internal static class CallFailures
{
    /// <summary>Kafka's code for the failure; <see cref="ErrorCode.UnknownServerError"/> means that trying again is no use.</summary>
    public static ErrorCode ToErrorCode(Exception exception) => exception switch
    {
        TimeoutException => ErrorCode.RequestTimedOut,
        BrokerUnavailableException => ErrorCode.BrokerNotAvailable,
        OrleansStreamException known => known.Error,
        OrleansException or IOException or SocketException or OperationCanceledException or ObjectDisposedException => ErrorCode.NetworkException,
        _ => ErrorCode.UnknownServerError,
    };
}
