using System.Reflection;
using OrleansStream.Engine.CodeGeneration;

namespace OrleansStream.Engine.Calls;

/// <summary>Makes a result of a value that a filter put in place of the method's own. By reflection: filters seldom do that.</summary>
internal static class BoxedResult
{
    private static readonly MethodInfo OfValueMethod = typeof(BoxedResult).GetMethod(nameof(OfValue), BindingFlags.Static | BindingFlags.NonPublic)!;

    public static InvocationResult Create(MethodInfo interfaceMethod, object? value)
        => interfaceMethod.ReturnType.IsGenericType
            ? (InvocationResult)OfValueMethod.MakeGenericMethod(interfaceMethod.ReturnType.GetGenericArguments()[0]).Invoke(null, [value])!
            : InvocationResult.Void;

    private static InvocationResult<T> OfValue<T>(object? value) => new((T)value!, ValueCodecs.Get<T>());
}
