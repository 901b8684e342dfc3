using System.Reflection;
using Orleans.Serialization.Invocation;
using OrleansStream.Engine.CodeGeneration;

namespace OrleansStream.Engine.Calls;

/// <summary>A call's arguments for its filters.</summary>
internal sealed class InvocationArguments(GrainMethodInvocation invocation) : IInvokable
{
    public object? GetArgument(int index) => invocation.GetArgument(index);

    public int GetArgumentCount() => invocation.ArgumentCount;

    public string GetInterfaceName() => invocation.Method.InterfaceName;

    public Type GetInterfaceType() => invocation.Method.InterfaceType;

    public MethodInfo GetMethod() => invocation.Method.InterfaceMethod();

    public string GetMethodName() => GetMethod().Name;

    public void SetArgument(int index, object value) => invocation.SetArgument(index, value);

    public void Dispose()
    {
    }
}
