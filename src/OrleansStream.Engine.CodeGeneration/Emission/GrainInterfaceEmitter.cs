namespace OrleansStream.Engine.CodeGeneration;

/// <summary>Writes a grain interface's reference class and its invocations.</summary>
internal static class GrainInterfaceEmitter
{
    private const string Engine = BuiltInCodecNames.Engine;
    private const string Token = "global::System.Threading.CancellationToken";

    public static string Emit(GrainInterface grain, string ns)
    {
        var source = SourceBuilder.File().Open($"namespace {ns}");
        EmitReference(source, grain);
        foreach (var method in grain.Methods)
        {
            source.Line();
            InvocationEmitter.Emit(source, method);
        }

        return source.Close().ToString();
    }

    private static void EmitReference(SourceBuilder source, GrainInterface grain)
    {
        source.Attributes();
        source.Open($"internal sealed class {grain.GeneratedName}Reference : {Engine}GeneratedGrainReference, {grain.TypeName}");
        source.Line($"public {grain.GeneratedName}Reference({Engine}GrainReferenceContext context) : base(context)").Line("{").Line("}");
        foreach (var method in grain.Methods)
        {
            source.Line();
            EmitMethod(source, method);
        }

        source.Close();
    }

    private static void EmitMethod(SourceBuilder source, GrainMethod method)
    {
        var parameters = string.Join(", ", method.Parameters.Select(p => $"{p.TypeName} {p.Name}"));
        source.Open($"{method.ReturnTypeName} {method.DeclaringType}.{method.Name}({parameters})");
        source.Line($"var __invocation = new {method.InvocationName}();");
        var index = 0;
        foreach (var parameter in method.Parameters)
        {
            source.Line(parameter.IsCancellationToken
                ? $"__invocation.CancellationToken = {parameter.Name};"
                : $"__invocation.Argument{index++} = {parameter.Name};");
        }

        var invoke = method switch
        {
            { Return: ReturnKind.Stream } => $"return base.InvokeStream<{method.ResultTypeName}>(__invocation);",
            { Return: ReturnKind.Void } => "base.InvokeOneWayAsync(__invocation);",
            { Return: ReturnKind.Task, IsOneWay: true } => "return base.InvokeOneWayAsync(__invocation);",
            { Return: ReturnKind.Task } => "return base.InvokeAsync(__invocation);",
            { Return: ReturnKind.ValueTask, IsOneWay: true } => "return new global::System.Threading.Tasks.ValueTask(base.InvokeOneWayAsync(__invocation));",
            { Return: ReturnKind.ValueTask } => "return new global::System.Threading.Tasks.ValueTask(base.InvokeAsync(__invocation));",
            { Return: ReturnKind.TaskOfResult } => $"return base.InvokeAsync<{method.ResultTypeName}>(__invocation);",
            _ => $"return new global::System.Threading.Tasks.ValueTask<{method.ResultTypeName}>(base.InvokeAsync<{method.ResultTypeName}>(__invocation));",
        };
        source.Line(invoke).Close();
    }
}
