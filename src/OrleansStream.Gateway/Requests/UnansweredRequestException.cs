namespace OrleansStream.Gateway.Requests;

/// <summary>A request that failed and has no response to say so with: the connection is closed instead.</summary>
/// <param name="message">What failed.</param>
internal sealed class UnansweredRequestException(string message) : Exception(message);
