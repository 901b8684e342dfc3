using System.Buffers.Binary;
using System.Net;
using OrleansStream.Gateway.Tests.Doubles;
using OrleansStream.Protocol.Kafka;

namespace OrleansStream.EndToEnd.Tests.Groups;

/// <summary>A member of a classic group over the Kafka protocol and a connection of its own, which does nothing unasked.</summary>
internal sealed class KafkaMember : IDisposable
{
    private const string Protocol = "numbers";
    private const string ProtocolType = "consumer";
    private readonly TestClient _connection;
    private readonly string _group;

    private KafkaMember(TestClient connection, string group)
    {
        _connection = connection;
        _group = group;
    }

    public string MemberId { get; private set; } = string.Empty;

    public int Generation { get; private set; } = -1;

    public required int SessionTimeoutMs { get; init; }

    public required int RebalanceTimeoutMs { get; init; }

    public static async Task<KafkaMember> ConnectAsync(int port, string group, int sessionTimeoutMs = 30_000, int rebalanceTimeoutMs = 20_000)
        => new(await TestClient.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port)), group)
        {
            SessionTimeoutMs = sessionTimeoutMs,
            RebalanceTimeoutMs = rebalanceTimeoutMs,
        };

    /// <summary>Joins, with the id that the coordinator gives if this is the first time.</summary>
    public async Task<JoinGroupResponse> JoinAsync()
    {
        while (true)
        {
            var response = await _connection.CallAsync<JoinGroupRequest, JoinGroupResponse>(
                new JoinGroupRequest
                {
                    GroupId = _group,
                    MemberId = MemberId,
                    SessionTimeoutMs = SessionTimeoutMs,
                    RebalanceTimeoutMs = RebalanceTimeoutMs,
                    ProtocolType = ProtocolType,
                    Protocols = [new() { Name = Protocol, Metadata = new byte[] { 0, 0, 0, 0, 0, 0 } }],
                },
                9);
            if (response.ErrorCode == ErrorCode.None)
            {
                (MemberId, Generation) = (response.MemberId, response.GenerationId);
                return response;
            }

            if (response.ErrorCode is ErrorCode.MemberIdRequired)
            {
                MemberId = response.MemberId;
            }
            else if (response.ErrorCode is not (ErrorCode.CoordinatorLoadInProgress or ErrorCode.CoordinatorNotAvailable or ErrorCode.RebalanceInProgress))
            {
                return response;
            }
        }
    }

    /// <summary>Syncs; the leader gives each member a number, which is its partition.</summary>
    /// <returns>The number; -1 for none.</returns>
    public async Task<(ErrorCode Error, int Number)> SyncAsync(JoinGroupResponse joined)
    {
        var request = new SyncGroupRequest
        {
            GroupId = _group,
            GenerationId = joined.GenerationId,
            MemberId = MemberId,
            ProtocolType = ProtocolType,
            ProtocolName = Protocol,
        };
        for (var number = 0; number < joined.Members.Count; number++)
        {
            var assignment = new byte[sizeof(int)];
            BinaryPrimitives.WriteInt32BigEndian(assignment, number);
            request.Assignments.Add(new() { MemberId = joined.Members[number].MemberId, Assignment = assignment });
        }

        var response = await _connection.CallAsync<SyncGroupRequest, SyncGroupResponse>(request, 5);
        return (response.ErrorCode, response.Assignment.IsEmpty ? -1 : BinaryPrimitives.ReadInt32BigEndian(response.Assignment.Span));
    }

    public async Task<ErrorCode> HeartbeatAsync()
        => (await _connection.CallAsync<HeartbeatRequest, HeartbeatResponse>(
            new HeartbeatRequest { GroupId = _group, GenerationId = Generation, MemberId = MemberId }, 4)).ErrorCode;

    public async Task<DescribeGroupsResponse.DescribedGroup> DescribeAsync()
        => (await _connection.CallAsync<DescribeGroupsRequest, DescribeGroupsResponse>(new DescribeGroupsRequest { Groups = [_group] }, 5)).Groups[0];

    /// <summary>Creates the coordinator's topic, if nobody has needed it yet, and waits until it can be used.</summary>
    public async Task FindCoordinatorAsync()
    {
        while ((await _connection.CallAsync<FindCoordinatorRequest, FindCoordinatorResponse>(new FindCoordinatorRequest { Key = _group }, 2)).ErrorCode != ErrorCode.None)
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
        }
    }

    public void Dispose() => _connection.Dispose();
}
