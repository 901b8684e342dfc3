using OrleansStream.Abstractions;

namespace OrleansStream.Client.Tests;

/// <summary>What can go wrong with one request.</summary>
public enum Fault
{
    None,

    /// <summary>Appended, but the answer is lost.</summary>
    LoseAnswer,

    /// <summary>Not appended, and no answer.</summary>
    LoseRequest,

    /// <summary>Not appended, with a retriable code.</summary>
    Refuse,

    /// <summary>Appended, answered late.</summary>
    DelayAnswer,

    /// <summary>Appended late: requests behind it come first.</summary>
    DelayRequest,
}

/// <summary>A broker that fails at random, reproducibly as far as the order of requests goes.</summary>
public sealed class FaultyBroker(int seed, double rate)
{
    private static readonly Fault[] Faults = [Fault.LoseAnswer, Fault.LoseRequest, Fault.Refuse, Fault.DelayAnswer, Fault.DelayRequest];

    private readonly Random _random = new(seed);
    private readonly Lock _gate = new();

    public async Task<PartitionProduceResponse> ProduceAsync(FakeProduce produce)
    {
        Fault fault;
        lock (_gate)
        {
            fault = _random.NextDouble() < rate ? Faults[_random.Next(Faults.Length)] : Fault.None;
        }

        switch (fault)
        {
            case Fault.LoseAnswer:
                produce.Append();
                throw new Orleans.Runtime.SiloUnavailableException("lost the answer");
            case Fault.LoseRequest:
                throw new TimeoutException("lost the request");
            case Fault.Refuse:
                return produce.Answer(ErrorCode.NotEnoughReplicas);
            case Fault.DelayAnswer:
                var answer = produce.Append();
                await Expect.OthersRun();
                return answer;
            case Fault.DelayRequest:
                await Expect.OthersRun();
                return produce.Append();
            default:
                return produce.Append();
        }
    }
}
