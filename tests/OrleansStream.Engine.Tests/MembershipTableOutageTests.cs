using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Configuration;
using Orleans.Runtime;
using OrleansStream.Engine.Membership;
using OrleansStream.Engine.Messaging;
using OrleansStream.Engine.Networking;

namespace OrleansStream.Engine.Tests;

/// <summary>A silo that can reach neither the others nor a table that is on none of them.</summary>
public sealed class MembershipTableOutageTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task View_StaysThatOfTheTable_WhenTableAndSilosAreOutOfReach()
    {
        var self = Member("self", 1);
        var other = Member("other", 1);
        var table = new DistantTable(new MembershipView(7, [other]));
        await using var agent = new MembershipAgent(
            self,
            table,
            new SiloConnections(new PeerIdentity("c", "self", self.Silo), new FrameConnectionOptions(1 << 20, 1 << 20), new ConnectionOptions(), TimeProvider.System),
            new ClusterMembershipOptions { ProbeTimeout = TimeSpan.FromMilliseconds(20), NumMissedProbesLimit = 2, NumVotesForDeathDeclaration = 3 },
            TimeProvider.System,
            NullLogger.Instance);
        await agent.JoinAsync(TestContext.Current.CancellationToken);
        await agent.SetStatusAsync(SiloStatus.Active, TestContext.Current.CancellationToken);

        // Cut off from everything: it suspects the other one, and nobody takes its word.
        var suspected = table.CutOff(attempts: 6);
        await suspected.WaitAsync(Patience, TestContext.Current.CancellationToken);
        agent.View.IsActive(other.Silo).ShouldBeTrue("no silo declares another dead by itself");

        // Meanwhile the other one was started again. One change of the table has to be enough to see it.
        var restarted = Member("other", 2);
        table.Restore(restarted);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        await foreach (var snapshot in agent.MembershipUpdates.WithCancellation(patience.Token))
        {
            if (snapshot.Members.ContainsKey(restarted.Silo))
            {
                break;
            }
        }

        agent.View.IsActive(restarted.Silo).ShouldBeTrue("the table's word counts when it can be read again");
    }

    private static MemberRecord Member(string name, int generation)
    {
        // A port where nobody listens.
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return new MemberRecord(SiloAddress.New((IPEndPoint)listener.LocalEndpoint, generation), name, SiloStatus.Active, null, []);
    }

    private sealed class DistantTable(MembershipView view) : IMembershipTable
    {
        private readonly Lock _gate = new();
        private MembershipView _view = view;
        private TaskCompletionSource? _enough;
        private int _attempts;

        public Task CutOff(int attempts)
        {
            lock (_gate)
            {
                _attempts = attempts;
                _enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                return _enough.Task;
            }
        }

        // One version on, as if one row had been written; nobody is told.
        public void Restore(MemberRecord record)
        {
            lock (_gate)
            {
                _view = _view.With(record);
                _enough = null;
            }
        }

        public Task<MembershipView> ReadAsync(CancellationToken cancellationToken)
        {
            lock (_gate)
            {
                if (_enough is { } enough)
                {
                    if (--_attempts <= 0)
                    {
                        enough.TrySetResult();
                    }

                    throw new OrleansException("The table cannot be reached.");
                }

                return Task.FromResult(_view);
            }
        }

        public Task<bool> TryWriteAsync(MemberRecord record, long expectedVersion, CancellationToken cancellationToken)
        {
            lock (_gate)
            {
                if (_view.Version != expectedVersion)
                {
                    return Task.FromResult(false);
                }

                _view = _view.With(record);
                return Task.FromResult(true);
            }
        }

        public IDisposable Subscribe(Action changed) => new MemoryStream();
    }
}
