using System.Reflection;
using Orleans.Runtime;

namespace Orleans;

/// <summary>A call as its filters see it.</summary>
public interface IGrainCallContext
{
    /// <summary>The grain for an incoming call, the reference for an outgoing one.</summary>
    object Grain { get; }

    /// <summary>The method of the interface.</summary>
    MethodInfo InterfaceMethod { get; }

    /// <summary>The interface's full name.</summary>
    string InterfaceName { get; }

    /// <summary>The interface's type name.</summary>
    GrainInterfaceType InterfaceType { get; }

    /// <summary>The method's name.</summary>
    string MethodName { get; }

    /// <summary>The result after <see cref="Invoke"/>; may be replaced.</summary>
    object? Result { get; set; }

    /// <summary>The grain that calls, null when the call comes from elsewhere.</summary>
    GrainId? SourceId { get; }

    /// <summary>The grain that is called.</summary>
    GrainId TargetId { get; }

    /// <summary>Goes on with the next filter, and in the end with the call.</summary>
    Task Invoke();
}
