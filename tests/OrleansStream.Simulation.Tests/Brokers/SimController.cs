using OrleansStream.Core.Controller;
using OrleansStream.Simulation.Tests.Store;

namespace OrleansStream.Simulation.Tests.Brokers;

/// <summary>A time in office: carries the steps of a <see cref="ControllerMachine"/> out, one at a time, as the product's shell does.</summary>
internal sealed class SimController(SimCluster cluster, SimBroker broker, long sessionId, int controllerEpoch)
{
    private const long RetryMs = 25;

    private readonly ControllerMachine _machine = new(broker.Id, controllerEpoch);
    private readonly Dictionary<(int BrokerId, long BrokerEpoch), Line> _lines = [];
    private readonly Queue<Func<ControllerMachine, ControllerStep>> _requests = new();
    private StoreVersions _versions;
    private bool _isBusy = true;

    private bool IsOver => !ReferenceEquals(broker.Term, this);

    public void Begin() => Ask(
        cluster.Store.Read,
        read =>
        {
            _versions = read.Versions;
            Execute(_machine.Load(read.Snapshot), () => _isBusy = false);
        });

    /// <summary>Asks the machine for something, when it is its turn.</summary>
    public void Request(Func<ControllerMachine, ControllerStep> request) => _requests.Enqueue(request);

    /// <summary>Looks for what has changed, unless the last look is not over.</summary>
    public void Look()
    {
        if (_isBusy)
        {
            return;
        }

        _isBusy = true;
        Ask(() => cluster.Store.ReadNews(_versions), Handle);
    }

    private void Handle(StoreNews news)
    {
        _versions = news.Versions;
        Execute(news.Brokers is { } brokers ? _machine.OnBrokersChanged(brokers) : ControllerStep.Nothing, () =>
            Execute(news.Topics is { } topics ? _machine.OnTopicsChanged(topics) : ControllerStep.Nothing, () =>
                Execute(news.States.Count > 0 ? _machine.OnStatesRead(news.States) : ControllerStep.Nothing, HandleRequests)));
    }

    private void HandleRequests()
    {
        if (_requests.TryDequeue(out var request))
        {
            Execute(request(_machine), HandleRequests);
            return;
        }

        _isBusy = false;
    }

    private void Execute(ControllerStep step, Action then)
    {
        if (step.Writes.IsEmpty)
        {
            Tell(step, () => Reread(step, then));
            return;
        }

        Write(() => cluster.Store.WriteStates(controllerEpoch, step.Writes), results => Tell(step, () => Execute(_machine.OnStatesWritten(results!), () => Reread(step, then))));
    }

    private void Tell(ControllerStep step, Action then)
    {
        foreach (var instruction in step.Instructions)
        {
            Send(instruction);
        }

        if (step.FinishedReassignments.IsEmpty)
        {
            then();
        }
        else
        {
            Write(() => cluster.Store.FinishReassignments(controllerEpoch, step.FinishedReassignments) ? this : null, _ => then());
        }
    }

    private void Reread(ControllerStep step, Action then)
    {
        if ((step.Rereads.IsEmpty && step.FinishedReassignments.IsEmpty) || (step.Rereads.IsEmpty && cluster.Flaws.HasFlag(Flaws.StaleAssignments)))
        {
            then();
            return;
        }

        Ask(() => cluster.Store.Topics, topics => Execute(_machine.OnTopicsChanged(topics), () =>
        {
            if (step.Rereads.IsEmpty)
            {
                then();
            }
            else
            {
                Ask(() => cluster.Store.ReadStates(step.Rereads), states => Execute(_machine.OnStatesRead(states), then));
            }
        }));
    }

    /// <summary>A read is repeated until it is answered.</summary>
    private void Ask<T>(Func<T> read, Action<T> then)
        => cluster.Store.Call(
            broker,
            sessionId,
            read,
            answer =>
            {
                if (!IsOver)
                {
                    then(answer);
                }
            },
            () => cluster.Network.Post(broker, 5, () =>
            {
                if (!IsOver)
                {
                    Ask(read, then);
                }
            }));

    /// <summary>A write whose outcome is not known ends the time in office: everything is read anew.</summary>
    private void Write<T>(Func<T?> write, Action<T?> then)
        where T : class
        => cluster.Store.Call(
            broker,
            sessionId,
            write,
            answer =>
            {
                if (IsOver)
                {
                    return;
                }

                if (answer is null)
                {
                    cluster.Log(() => $"controller {broker.Id} of epoch {controllerEpoch} is fenced");
                    broker.EndTerm(this);
                }
                else
                {
                    then(answer);
                }
            },
            () => broker.EndTerm(this));

    private void Send(BrokerInstruction instruction)
    {
        var key = (instruction.BrokerId, instruction.BrokerEpoch);
        if (!_lines.TryGetValue(key, out var line))
        {
            _lines.Add(key, line = new Line());
        }

        line.Waiting.Enqueue((++broker.LastRequestNumber, instruction));
        if (line.Waiting.Count == 1)
        {
            Pump(line);
        }
    }

    private void Pump(Line line)
    {
        if (IsOver || line.IsRefused || !line.Waiting.TryPeek(out var next))
        {
            return;
        }

        var (number, instruction) = next;
        var isAnswered = false;
        var target = cluster.BrokerOf(instruction.BrokerId);
        cluster.Log(() => $"controller {broker.Id} sends {number} to broker {target.Id}: {string.Join(", ", instruction.LeaderAndIsr.Select(partition => partition.Partition))}");
        cluster.Network.Call<ErrorCode>(broker, target, reply => target.OnInstruction(instruction, number, reply), error =>
        {
            if (isAnswered || error == ErrorCode.BrokerNotAvailable)
            {
                return;
            }

            isAnswered = true;
            line.IsRefused = error != ErrorCode.None;
            line.Waiting.Dequeue();
            Pump(line);
        });
        cluster.Network.Post(broker, RetryMs, () =>
        {
            if (!isAnswered)
            {
                isAnswered = true;
                Pump(line);
            }
        });
    }

    private sealed class Line
    {
        public Queue<(long Number, BrokerInstruction Instruction)> Waiting { get; } = new();

        public bool IsRefused { get; set; }
    }
}
