using Microsoft.CodeAnalysis.CSharp;

namespace OrleansStream.Engine.CodeGeneration;

/// <summary>Writes the invocation class of one grain method.</summary>
internal static class InvocationEmitter
{
    private const string Engine = BuiltInCodecNames.Engine;

    public static void Emit(SourceBuilder source, GrainMethod method)
    {
        var arguments = method.Arguments.ToArray();
        source.Attributes();
        source.Open($"internal sealed class {method.InvocationName} : {Engine}GrainMethodInvocation");
        EmitDescriptor(source, method);
        for (var i = 0; i < arguments.Length; i++)
        {
            source.Line($"public {arguments[i].TypeName} Argument{i}{(arguments[i].DefaultValue.Length == 0 ? "" : " = " + arguments[i].DefaultValue)};").Line();
        }

        source.Line($"public override {Engine}GrainMethodDescriptor Method => Descriptor;").Line();
        EmitWriteArguments(source, arguments);
        EmitReadArguments(source, arguments);
        EmitCopy(source, method, arguments);
        EmitInvoke(source, method);
        EmitReadResult(source, method);
        source.Close();
    }

    private static void EmitDescriptor(SourceBuilder source, GrainMethod method)
    {
        source.Lines(
            $"public static readonly {Engine}GrainMethodDescriptor Descriptor = new {Engine}GrainMethodDescriptor(",
            $"    typeof({method.DeclaringType}),",
            $"    {Literal(method.DeclaringWireName)},",
            $"    {Literal(method.WireName)},",
            $"    {Literal(method.IsOneWay)},",
            $"    {Literal(method.IsReadOnly)},",
            $"    {Literal(method.IsAlwaysInterleave)},",
            $"    {Literal(method.TakesCancellationToken)},",
            $"    static () => new {method.InvocationName}(),",
            $"    static () => typeof({method.DeclaringType}).GetMethod({Literal(method.PlainName)}, new global::System.Type[] {{ {string.Join(", ", method.Parameters.Select(p => $"typeof({p.TypeName})"))} }}));").Line();
        if (method.ResultTypeName.Length > 0)
        {
            source.Line($"private static readonly {Engine}IValueCodec<{method.ResultTypeName}> ResultCodec = default({method.ResultCodec});").Line();
        }
    }

    private static void EmitWriteArguments(SourceBuilder source, GrainParameter[] arguments)
    {
        source.Open($"public override void WriteArguments({Engine}MessageWriter writer)").Line("writer.BeginObject();");
        for (var i = 0; i < arguments.Length; i++)
        {
            var write = $"writer.WriteField<{arguments[i].TypeName}, {arguments[i].Codec}>({i}u, {{0}});";
            CodecEmitter.EmitConditionalWrite(source, arguments[i].Presence, $"Argument{i}", write, $"argument{i}");
        }

        source.Line("writer.EndObject();").Close().Line();
    }

    private static void EmitReadArguments(SourceBuilder source, GrainParameter[] arguments)
    {
        source.Open($"public override void ReadArguments(ref {Engine}MessageReader reader)");
        source.Open("if (!reader.BeginObject())").Line("return;").Close().Line();
        source.Open("while (reader.ReadField(out var id, out var type))").Open("switch (id)");
        for (var i = 0; i < arguments.Length; i++)
        {
            source.Line($"case {i}u: Argument{i} = reader.ReadValue<{arguments[i].TypeName}, {arguments[i].Codec}>(type, {i}u); break;");
        }

        source.Line("default: reader.Skip(type); break;").Close().Close().Line();
        source.Line("reader.EndObject();").Close().Line();
    }

    private static void EmitCopy(SourceBuilder source, GrainMethod method, GrainParameter[] arguments)
    {
        source.Open($"public override {Engine}GrainMethodInvocation CopyForLocalCall()");
        source.Line($"var copy = new {method.InvocationName}();");
        for (var i = 0; i < arguments.Length; i++)
        {
            source.Line($"copy.Argument{i} = default({arguments[i].Codec}).Copy(Argument{i});");
        }

        source.Lines("copy.CancellationToken = CancellationToken;", "return copy;").Close().Line();
    }

    private static void EmitInvoke(SourceBuilder source, GrainMethod method)
    {
        var index = 0;
        var arguments = string.Join(", ", method.Parameters.Select(p => p.IsCancellationToken ? "CancellationToken" : $"Argument{index++}"));
        var call = $"(({method.DeclaringType})target).{method.Name}({arguments})";
        source.Open($"public override async global::System.Threading.Tasks.ValueTask<{Engine}InvocationResult> InvokeAsync(object target)");
        switch (method.Return)
        {
            case ReturnKind.Void:
                source.Lines($"{call};", $"return {Engine}InvocationResult.Void;");
                break;
            case ReturnKind.Task or ReturnKind.ValueTask:
                source.Lines($"await {call};", $"return {Engine}InvocationResult.Void;");
                break;
            case ReturnKind.Stream:
                source.Line($"return new {Engine}StreamInvocationResult<{method.ResultTypeName}>({call}, ResultCodec);");
                break;
            default:
                source.Line($"return new {Engine}InvocationResult<{method.ResultTypeName}>(await {call}, ResultCodec);");
                break;
        }

        source.Close().Line();
    }

    private static void EmitReadResult(SourceBuilder source, GrainMethod method)
    {
        var result = method.Return switch
        {
            ReturnKind.TaskOfResult or ReturnKind.ValueTaskOfResult
                => $"new {Engine}InvocationResult<{method.ResultTypeName}>(default({method.ResultCodec}).Read(ref reader), ResultCodec)",
            ReturnKind.Stream => "throw new global::System.InvalidOperationException(\"A stream has elements, not a result.\")",
            _ => $"{Engine}InvocationResult.Void",
        };
        source.Line($"public override {Engine}InvocationResult ReadResult(ref {Engine}MessageReader reader) => {result};");
    }

    private static string Literal(string value) => SymbolDisplay.FormatLiteral(value, quote: true);

    private static string Literal(bool value) => value ? "true" : "false";
}
