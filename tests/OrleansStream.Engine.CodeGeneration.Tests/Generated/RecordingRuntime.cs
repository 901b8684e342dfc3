using Orleans.Runtime;
using OrleansStream.Engine.Calls;
using OrleansStream.Engine.Messaging;
using OrleansStream.Engine.Streams;

namespace OrleansStream.Engine.CodeGeneration.Tests.Generated;

/// <summary>Keeps the last call of a generated reference and answers it with the default value.</summary>
internal sealed class RecordingRuntime : ICallRuntime
{
    private GrainMethodInvocation? _last;

    public GrainMethodInvocation Last => _last ?? throw new InvalidOperationException("Nothing was called.");

    public bool LastWasOneWay { get; private set; }

    public TInterface Reference<TInterface>(string id = "sample/key")
        => (TInterface)(object)GrainReferenceContext.CreateReference(this, GrainId.Parse(id), typeof(TInterface));

    public Task<T> InvokeAsync<T>(GrainReferenceContext target, GrainMethodInvocation invocation)
    {
        Record(invocation, isOneWay: false);
        return Task.FromResult<T>(default!);
    }

    public Task InvokeAsync(GrainReferenceContext target, GrainMethodInvocation invocation)
    {
        Record(invocation, isOneWay: false);
        return Task.CompletedTask;
    }

    public Task InvokeOneWayAsync(GrainReferenceContext target, GrainMethodInvocation invocation)
    {
        Record(invocation, isOneWay: true);
        return Task.CompletedTask;
    }

    public Task<StreamBatch<T>> InvokeStreamAsync<T>(GrainReferenceContext target, CallKind kind, GrainMethodInvocation invocation, Guid streamId, int batchSize)
    {
        Record(invocation, isOneWay: false);
        return Task.FromResult(new StreamBatch<T>(StreamStatus.Completed, []));
    }

    private void Record(GrainMethodInvocation invocation, bool isOneWay)
    {
        _last = invocation;
        LastWasOneWay = isOneWay;
    }
}

/// <summary>The arguments of an invocation, which its generated class keeps in public fields.</summary>
internal static class InvocationArguments
{
    public static object? Argument(this GrainMethodInvocation invocation, int index)
        => invocation.GetType().GetField($"Argument{index}")!.GetValue(invocation);
}
