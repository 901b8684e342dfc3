using System.Reflection;
using Orleans;
using Orleans.Runtime;
using OrleansStream.Engine.Activations;
using OrleansStream.Engine.CodeGeneration;

namespace OrleansStream.Engine.Calls;

/// <summary>An incoming call with its filters around it: the silo's in the order of their registration, then the grain itself if it is one.</summary>
internal sealed class IncomingCall : IIncomingGrainCallContext
{
    private readonly GrainRequest _request;
    private readonly ActivationData _activation;
    private readonly IIncomingGrainCallFilter[] _filters;
    private InvocationResult? _result;
    private object? _boxedResult;
    private bool _isReplaced;
    private int _next;

    public IncomingCall(GrainRequest request, ActivationData activation, IIncomingGrainCallFilter[] filters)
    {
        _request = request;
        _activation = activation;
        _filters = activation.GrainInstance is IIncomingGrainCallFilter own ? [.. filters, own] : filters;
    }

    public object Grain => _activation.GrainInstance!;

    public MethodInfo InterfaceMethod => Invocation.Method.InterfaceMethod();

    public MethodInfo ImplementationMethod
    {
        get
        {
            var method = InterfaceMethod;
            var map = Grain.GetType().GetInterfaceMap(method.DeclaringType!);
            return map.TargetMethods[Array.IndexOf(map.InterfaceMethods, method)];
        }
    }

    public string InterfaceName => Invocation.Method.InterfaceType.FullName!;

    public GrainInterfaceType InterfaceType => GrainInterfaceType.Create(Invocation.Method.InterfaceName);

    public string MethodName => InterfaceMethod.Name;

    public object? Result
    {
        get => _isReplaced ? _boxedResult : _result?.BoxedValue;
        set
        {
            _boxedResult = value;
            _isReplaced = true;
        }
    }

    public GrainId? SourceId => _request.Source;

    public IGrainContext TargetContext => _activation;

    public GrainId TargetId => _request.Target;

    private GrainMethodInvocation Invocation => _request.Invocation!;

    public async Task Invoke()
    {
        if (_next < _filters.Length)
        {
            await _filters[_next++].Invoke(this);
        }
        else
        {
            _result = await Invocation.InvokeAsync(Grain);
            _isReplaced = false;
        }
    }

    public async Task<InvocationResult> InvokeAllAsync()
    {
        await Invoke();
        return _isReplaced || _result is null ? BoxedResult.Create(InterfaceMethod, _boxedResult) : _result;
    }
}
