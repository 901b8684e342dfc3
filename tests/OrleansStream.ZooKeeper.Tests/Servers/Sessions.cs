using OrleansStream.ZooKeeper.Connection;
using OrleansStream.ZooKeeper.Requests;
using OrleansStream.ZooKeeper.Wire;

namespace OrleansStream.ZooKeeper.Tests.Servers;

/// <summary>What tests do with sessions.</summary>
internal static class Sessions
{
    /// <summary>How long a test waits for what must happen.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static ZooKeeperOptions Options(string connectString, TimeSpan? timeout = null)
        => new()
        {
            ConnectString = ConnectString.Parse(connectString),
            SessionTimeout = timeout ?? TimeSpan.FromSeconds(10),
            ConnectionTimeout = Patience,
        };

    /// <summary>Ends a client's session on the server, as if it had not been heard of: a second connection takes it over and closes it.</summary>
    public static async Task ExpireAsync(ZooKeeperClient client, CancellationToken cancellationToken)
    {
        await using var connection = await ServerConnection.ConnectAsync(client.Servers[0], null, 1024 * 1024, cancellationToken);
        connection.Write(RequestBodies.Connect(0, 10_000, client.SessionId, client.Password));
        connection.Write(1, OpCode.CloseSession, ReadOnlyMemory<byte>.Empty);
        await connection.FlushAsync(cancellationToken);
        (await connection.ReadFrameAsync(cancellationToken)).ShouldNotBeNull("the session is taken over");
        (await connection.ReadFrameAsync(cancellationToken)).ShouldNotBeNull("the session is closed");
    }
}
