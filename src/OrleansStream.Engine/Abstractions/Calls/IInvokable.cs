using System.Reflection;

namespace Orleans.Serialization.Invocation;

/// <summary>The arguments of a call, for call filters.</summary>
public interface IInvokable : IDisposable
{
    /// <summary>An argument by position.</summary>
    object? GetArgument(int index);

    /// <summary>The number of arguments, without a cancellation token.</summary>
    int GetArgumentCount();

    /// <summary>The interface's name.</summary>
    string GetInterfaceName();

    /// <summary>The interface.</summary>
    Type GetInterfaceType();

    /// <summary>The method.</summary>
    MethodInfo GetMethod();

    /// <summary>The method's name.</summary>
    string GetMethodName();

    /// <summary>Replaces an argument.</summary>
    void SetArgument(int index, object value);
}
