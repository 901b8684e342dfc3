namespace OrleansStream.Core.Controller;

/// <summary>
/// What one broker knows of whether another is alive, from its answers to pings. A broker that is silent is suspected in time for the
/// others to try for themselves before the session's time is over; one whose process is known to be gone (nothing listens, or another
/// process has taken its place) is suspected sooner.
/// </summary>
/// <remarks>
/// A suspicion is a wish to ask others, nothing more: whoever is suspected may be alive. Time is the caller's, monotonic, in milliseconds.
/// Time in which the caller itself did not run counts as nobody's silence. Not thread-safe.
/// </remarks>
public sealed class PeerLiveness
{
    /// <summary>How many pings in a row must find the process gone.</summary>
    public const int RefusalsThatConvince = 3;

    /// <summary>How many intervals the others get for a try of their own.</summary>
    public const int IntervalsOfATry = 2;

    /// <summary>How many times the session's time a broker must be silent when nobody else can be asked.</summary>
    public const int SessionsWithoutWitness = 2;

    private readonly long _sessionTimeoutMs;
    private readonly long _intervalMs;
    private long _lastHeardMs;
    private long _lastTickMs;
    private int _refusals;

    /// <summary>Begins with a broker that is taken for alive.</summary>
    /// <param name="sessionTimeoutMs">The silence after which it is to be removed, a try of the others included.</param>
    /// <param name="intervalMs">How often <see cref="Tick"/> is to be called.</param>
    /// <param name="nowMs">Now.</param>
    public PeerLiveness(long sessionTimeoutMs, long intervalMs, long nowMs)
    {
        _sessionTimeoutMs = sessionTimeoutMs;
        _intervalMs = intervalMs;
        _lastHeardMs = nowMs;
        _lastTickMs = nowMs;
    }

    /// <summary>Whether the broker is suspected to be dead.</summary>
    public bool IsSuspect { get; private set; }

    /// <summary>Whether a suspicion suffices when nobody else can be asked: one alone is wrong more often, and its error costs more.</summary>
    public bool IsSuspectWithoutWitness => IsGone || SilenceMs >= SessionsWithoutWitness * _sessionTimeoutMs;

    /// <summary>How long nothing has been heard of the broker, the caller's own absences left out.</summary>
    public long SilenceMs => _lastTickMs - _lastHeardMs;

    /// <summary>Not sooner than after half the session's time: a broker that has just started is not known everywhere yet, nor is every refusal a new try.</summary>
    private bool IsGone => _refusals >= RefusalsThatConvince && SilenceMs >= _sessionTimeoutMs / 2;

    /// <summary>The broker has answered.</summary>
    public void OnAnswer(long nowMs)
    {
        _lastHeardMs = Math.Max(_lastHeardMs, nowMs);
        _refusals = 0;
        IsSuspect = false;
    }

    /// <summary>A ping has failed at once: the process that is meant is not there.</summary>
    public void OnRefused() => _refusals++;

    /// <summary>Time has passed; to be called once in each interval.</summary>
    public void Tick(long nowMs)
    {
        // Whoever was stopped itself has heard nobody, and nobody is to blame.
        var absence = nowMs - _lastTickMs - (2 * _intervalMs);
        if (absence > 0)
        {
            _lastHeardMs += absence;
            _refusals = 0;
        }

        _lastTickMs = nowMs;
        IsSuspect = IsGone || SilenceMs >= Math.Max(_sessionTimeoutMs - (IntervalsOfATry * _intervalMs), _sessionTimeoutMs / 2);
    }

    /// <summary>Whether enough of the brokers agree that one of them is dead: more than half of the others.</summary>
    /// <param name="others">How many other brokers are registered, the one that asks included.</param>
    /// <param name="agreeing">How many of them do not reach it, the one that asks included. Who does not answer does not agree.</param>
    public static bool IsDead(int others, int agreeing) => agreeing * 2 > others;
}
