using System.Runtime.CompilerServices;
using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;

namespace OrleansStream.Engine.Tests.Grains;

/// <summary>A grain for every kind of call.</summary>
[Alias("Tests.IProbeGrain")]
public interface IProbeGrain : IGrainWithStringKey
{
    [Alias("Echo")]
    Task<string> EchoAsync(string text);

    [Alias("Bytes")]
    Task<ReadOnlyMemory<byte>> EchoBytesAsync(ReadOnlyMemory<byte> bytes);

    [Alias("Add")]
    Task<int> AddAsync(int number);

    [Alias("Fail")]
    Task FailAsync(string kind, string message);

    [Alias("Wait")]
    Task<string> WaitAsync(string gate, CancellationToken cancellationToken);

    [Alias("Numbers")]
    IAsyncEnumerable<int> NumbersAsync(int count, int failAt, CancellationToken cancellationToken);

    [Alias("Tell")]
    [OneWay]
    Task TellAsync(string text);

    [Alias("Told")]
    Task<string[]> ToldAsync();

    [Alias("Deactivate")]
    Task DeactivateAsync();

    [Alias("ActivationId")]
    Task<string> GetActivationIdAsync();

    [Alias("Silo")]
    Task<string> GetSiloNameAsync();

    [Alias("Context")]
    [Alias("Keep")]
    Task KeepAsync(List<int> numbers);

    [Alias("Kept")]
    Task<List<int>> KeptAsync();

    [Alias("Hold")]
    [AlwaysInterleave]
    Task<int> HoldAsync(ReadOnlyMemory<byte> bytes, string gate);

    [Alias("CallBack")]
    Task<string> CallBackAsync(IProbeGrain other, string text);

    [Alias("Self")]
    Task<IProbeGrain> GetSelfAsync();

    [Alias("Forward")]
    Task<string> ForwardAsync(string key, string text);
}

public sealed class ProbeGrain(ILocalSiloDetails silo) : Grain, IProbeGrain
{
    private readonly string _activationId = Guid.NewGuid().ToString("N");
    private readonly List<string> _told = [];
    private List<int> _kept = [];
    private int _sum;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        TestGates.Activated(this.GetPrimaryKeyString());
        return this.GetPrimaryKeyString().StartsWith("bad-", StringComparison.Ordinal)
            ? throw new ArgumentException("This grain cannot be activated.")
            : Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        TestGates.Deactivated(this.GetPrimaryKeyString(), reason.ReasonCode);
        return Task.CompletedTask;
    }

    public Task<string> EchoAsync(string text) => Task.FromResult(text);

    public Task<ReadOnlyMemory<byte>> EchoBytesAsync(ReadOnlyMemory<byte> bytes) => Task.FromResult(bytes);

    public async Task<int> AddAsync(int number)
    {
        var before = _sum;
        await Task.Yield();
        _sum = before + number;
        return _sum;
    }

    public Task FailAsync(string kind, string message) => kind switch
    {
        "argument" => throw new ArgumentException(message),
        "timeout" => throw new TimeoutException(message, new InvalidOperationException("inner")),
        "custom" => throw new OddException(message, 42),
        "cancelled" => throw new OperationCanceledException(message),
        _ => throw new InvalidOperationException(message),
    };

    public async Task<string> WaitAsync(string gate, CancellationToken cancellationToken)
    {
        try
        {
            await TestGates.EnterAsync(gate, cancellationToken);
            return "opened";
        }
        catch (OperationCanceledException)
        {
            TestGates.Cancelled(gate);
            throw;
        }
    }

    public async IAsyncEnumerable<int> NumbersAsync(int count, int failAt, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        try
        {
            for (var i = 0; i < count; i++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (i == failAt)
                {
                    throw new InvalidOperationException($"failed at {i}");
                }

                if (i % 7 == 3)
                {
                    await Task.Yield();
                }

                TestGates.Produced(this.GetPrimaryKeyString(), i);
                yield return i;
            }
        }
        finally
        {
            TestGates.Cancelled(this.GetPrimaryKeyString());
        }
    }

    public Task TellAsync(string text)
    {
        _told.Add(text);
        return Task.CompletedTask;
    }

    public Task<string[]> ToldAsync() => Task.FromResult(_told.ToArray());

    public Task DeactivateAsync()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public Task<string> GetActivationIdAsync() => Task.FromResult(_activationId);

    public Task<string> GetSiloNameAsync() => Task.FromResult(silo.Name);

    public Task KeepAsync(List<int> numbers)
    {
        _kept = numbers;
        return Task.CompletedTask;
    }

    public Task<List<int>> KeptAsync() => Task.FromResult(_kept);

    public async Task<int> HoldAsync(ReadOnlyMemory<byte> bytes, string gate)
    {
        await TestGates.EnterAsync(gate, CancellationToken.None);
        return bytes.Length;
    }

    public Task<string> CallBackAsync(IProbeGrain other, string text) => other.EchoAsync(text);

    public Task<IProbeGrain> GetSelfAsync() => Task.FromResult<IProbeGrain>(this);

    public Task<string> ForwardAsync(string key, string text) => GrainFactory.GetGrain<IProbeGrain>(key).EchoAsync(text);
}

/// <summary>An exception that another process cannot make anew.</summary>
public sealed class OddException(string message, int code) : Exception(message)
{
    public int Code { get; } = code;
}
