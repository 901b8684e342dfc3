namespace OrleansStream.Simulation.Tests.Scheduling;

/// <summary>Messages between processes: late, out of order, lost, or not at all while a link is cut.</summary>
internal sealed class SimNetwork(Scheduler scheduler, SimRandom random)
{
    private readonly HashSet<(int From, int To)> _cuts = [];

    /// <summary>One message in so many is lost; 0 for none.</summary>
    public int LossOneIn { get; set; }

    /// <summary>One message in so many is very late; 0 for none.</summary>
    public int LateOneIn { get; set; }

    public void Cut(int from, int to)
    {
        _cuts.Add((from, to));
        _cuts.Add((to, from));
    }

    public void Mend(int from, int to)
    {
        _cuts.Remove((from, to));
        _cuts.Remove((to, from));
    }

    public void MendAll() => _cuts.Clear();

    public bool IsCut(int from, int to) => _cuts.Contains((from, to));

    /// <summary>Sends a message; it reaches whichever life of the receiver is there when it arrives.</summary>
    public void Send(SimNode from, SimNode to, Action handle)
    {
        if (IsCut(from.Id, to.Id) || (LossOneIn > 0 && random.OneIn(LossOneIn)))
        {
            return;
        }

        var delay = LateOneIn > 0 && random.OneIn(LateOneIn) ? random.Between(20, 150) : random.Between(1, 3);
        scheduler.After(delay, () =>
        {
            if (!IsCut(from.Id, to.Id))
            {
                Run(to, to.Life, handle);
            }
        });
    }

    /// <summary>Asks and gets an answer, if neither is lost and the asking process still lives.</summary>
    public void Call<T>(SimNode from, SimNode to, Action<Action<T>> handle, Action<T> onAnswer)
    {
        var life = from.Life;
        Send(from, to, () => handle(answer => Send(to, from, () =>
        {
            if (from.Life == life)
            {
                onAnswer(answer);
            }
        })));
    }

    /// <summary>Lets a process do something later in its present life.</summary>
    public void Post(SimNode node, long delayMs, Action action)
    {
        var life = node.Life;
        scheduler.After(delayMs, () => Run(node, life, action));
    }

    private void Run(SimNode node, int life, Action action)
    {
        if (!node.IsUp || node.Life != life)
        {
            return;
        }

        if (node.PausedUntilMs > scheduler.NowMs)
        {
            scheduler.At(node.PausedUntilMs, () => Run(node, life, action));
            return;
        }

        action();
    }
}
