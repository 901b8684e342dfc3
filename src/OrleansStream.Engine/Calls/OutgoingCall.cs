using System.Reflection;
using Orleans;
using Orleans.Runtime;
using OrleansStream.Engine.CodeGeneration;

namespace OrleansStream.Engine.Calls;

/// <summary>An outgoing call with its filters around it.</summary>
internal sealed class OutgoingCall(
    GrainReferenceContext target,
    GrainMethodInvocation invocation,
    IGrainContext? source,
    IOutgoingGrainCallFilter[] filters,
    Func<Task<object?>> send) : IOutgoingGrainCallContext
{
    private int _next;

    public object Grain => target.Interface.CreateReference(target);

    public MethodInfo InterfaceMethod => invocation.Method.InterfaceMethod();

    public string InterfaceName => invocation.Method.InterfaceType.FullName!;

    public GrainInterfaceType InterfaceType => GrainInterfaceType.Create(invocation.Method.InterfaceName);

    public string MethodName => InterfaceMethod.Name;

    public object? Result { get; set; }

    public GrainId? SourceId => source?.GrainId;

    public IGrainContext? SourceContext => source;

    public GrainId TargetId => target.GrainId;

    public async Task Invoke()
    {
        if (_next < filters.Length)
        {
            await filters[_next++].Invoke(this);
        }
        else
        {
            Result = await send();
        }
    }
}
