using Microsoft.Extensions.Logging;

namespace OrleansStream.Client;

/// <summary>What the connection logs.</summary>
internal sealed partial class ConnectionLog(ILoggerFactory loggerFactory)
{
    private readonly ILogger _logger = loggerFactory.CreateLogger("OrleansStream.Client.Connection");

    [LoggerMessage(201, LogLevel.Information, "Connected to {Bootstrap}")]
    public partial void Connected(string bootstrap);

    [LoggerMessage(202, LogLevel.Debug, "No connection to {Bootstrap} yet ({Message}); trying again in {Pause}")]
    public partial void CannotConnect(string bootstrap, string message, TimeSpan pause);

    [LoggerMessage(203, LogLevel.Debug, "The Orleans client did not stop cleanly")]
    public partial void CannotStop(Exception exception);
}
