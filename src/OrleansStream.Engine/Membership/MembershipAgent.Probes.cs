using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace OrleansStream.Engine.Membership;

/// <content>Watching the other silos.</content>
internal sealed partial class MembershipAgent
{
    private readonly Dictionary<SiloAddress, int> _missedProbes = [];

    private async Task ProbeLoopAsync()
    {
        using var timer = new PeriodicTimer(_options.ProbeTimeout, _timeProvider);
        while (await timer.WaitForNextTickAsync(_stopping.Token).ConfigureAwait(false))
        {
            var targets = Targets();
            foreach (var gone in _missedProbes.Keys.Except(targets).ToArray())
            {
                _missedProbes.Remove(gone);
            }

            var answers = await Task.WhenAll(targets.Select(ProbeAsync)).ConfigureAwait(false);
            for (var i = 0; i < targets.Length; i++)
            {
                var missed = answers[i] ? 0 : _missedProbes.GetValueOrDefault(targets[i]) + 1;
                _missedProbes[targets[i]] = missed;
                if (missed >= _options.NumMissedProbesLimit)
                {
                    await SuspectAsync(targets[i]).ConfigureAwait(false);
                }
            }
        }
    }

    // The silos that follow this one in the order of addresses, as in a ring.
    private SiloAddress[] Targets()
    {
        var others = View.Members
            .Where(member => member.Status is SiloStatus.Active or SiloStatus.ShuttingDown or SiloStatus.Stopping or SiloStatus.Joining && !member.Silo.Equals(Self.Silo))
            .Select(member => member.Silo)
            .ToArray();
        return [.. others.Where(silo => silo.CompareTo(Self.Silo) > 0).Concat(others.Where(silo => silo.CompareTo(Self.Silo) < 0)).Take(_options.NumProbedSilos)];
    }

    private async Task<bool> ProbeAsync(SiloAddress silo)
    {
        try
        {
            using var limit = new CancellationTokenSource(_options.ProbeTimeout, _timeProvider);
            var connection = await _connections.ConnectForSystemAsync(silo).AsTask().WaitAsync(limit.Token).ConfigureAwait(false);
            await connection.PingAsync(limit.Token).ConfigureAwait(false);
            return true;
        }
        catch (Exception exception) when (exception is OrleansException or OperationCanceledException)
        {
            LogProbeFailed(_logger, silo.ToString(), exception.Message);
            return false;
        }
    }

    private async Task SuspectAsync(SiloAddress silo)
    {
        try
        {
            await UpdateAsync(silo, WithSuspicion, _stopping.Token).ConfigureAwait(false);
            await Refresh(default, _stopping.Token).ConfigureAwait(false);
            await GossipAsync(_stopping.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is OrleansException)
        {
            // The table has the last word: a silo that is cut off from it and from the others must not make up a view of its own.
            LogTableFailed(_logger, exception.Message);
        }
    }

    // Silos that have not answered for twice as long as it takes to suspect them cannot vote: when several die at once, the rest decides.
    private int CountVoters()
        => View.Active.Count(member => _missedProbes.GetValueOrDefault(member.Silo) < 2 * _options.NumMissedProbesLimit);

    private MemberRecord? WithSuspicion(MemberRecord? record)
    {
        if (record is null || record.Status == SiloStatus.Dead)
        {
            return null;
        }

        var now = _timeProvider.GetUtcNow();
        Suspicion[] suspicions =
        [
            .. record.Suspicions.Where(suspicion => now - suspicion.Since < _options.DeathVoteExpirationTimeout && !suspicion.By.Equals(Self.Silo)),
            new Suspicion(Self.Silo, now),
        ];
        var needed = Math.Max(1, Math.Min(_options.NumVotesForDeathDeclaration, (CountVoters() + 1) / 2));
        if (suspicions.Length < needed)
        {
            // Said already and not yet enough: nothing new to write.
            return record.Suspicions.Any(suspicion => suspicion.By.Equals(Self.Silo) && now - suspicion.Since < _options.DeathVoteExpirationTimeout)
                ? null
                : record with { Suspicions = suspicions };
        }

        LogDeclaringDead(_logger, record.Silo.ToString(), suspicions.Length);
        return record with { Suspicions = suspicions, Status = SiloStatus.Dead };
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Silo {Silo} did not answer a probe: {Reason}")]
    private static partial void LogProbeFailed(ILogger logger, string silo, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Silo {Silo} is declared dead; {Count} silos suspect it.")]
    private static partial void LogDeclaringDead(ILogger logger, string silo, int count);
}
