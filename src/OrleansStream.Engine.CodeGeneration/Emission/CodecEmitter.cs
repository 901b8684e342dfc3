namespace OrleansStream.Engine.CodeGeneration;

/// <summary>Writes the codec of a serializable type.</summary>
internal sealed partial class CodecEmitter
{
    private const string Engine = BuiltInCodecNames.Engine;

    private readonly SerializableType _type;
    private readonly SourceBuilder _source = SourceBuilder.File();
    private readonly HashSet<MemberReference> _constructed;

    private CodecEmitter(SerializableType type)
    {
        _type = type;
        _constructed = [.. type.ConstructorMembers];
    }

    public static string Emit(SerializableType type, string ns)
    {
        var emitter = new CodecEmitter(type);
        emitter.EmitFile(ns);
        return emitter._source.ToString();
    }

    private void EmitFile(string ns)
    {
        var parameters = _type.IsGeneric
            ? $"<{string.Join(", ", _type.TypeParameters.Concat(_type.TypeParameters.Select(p => p + "Codec")))}>"
            : "";
        _source.Open($"namespace {ns}").Attributes();
        _source.Line($"internal readonly struct {_type.CodecName}{parameters} : {Engine}IValueCodec<{_type.TypeName}>");
        foreach (var constraint in _type.Constraints.Concat(_type.TypeParameters.Select(p => $"where {p}Codec : struct, {Engine}IValueCodec<{p}>")))
        {
            _source.Line("    " + constraint);
        }

        // Derived classes need not keep the promise of immutability.
        _source.OpenBrace();
        _source.Line($"public {Engine}WireType WireType => {Engine}WireType.Object;").Line();
        _source.Line($"public bool IsImmutable => {(_type.IsImmutable && !_type.MayBeDerived ? "true" : "false")};").Line();
        _source.Open($"public void Write({Engine}MessageWriter writer, {_type.TypeName} value)");
        EmitWrite();
        _source.Close().Line();
        _source.Open($"public {_type.TypeName} Read(ref {Engine}MessageReader reader)");
        EmitRead();
        _source.Close().Line();
        _source.Open($"public {_type.TypeName} Copy({_type.TypeName} value)");
        EmitCopy();
        _source.Close();
        _source.Close();
        EmitAccessors();
        _source.Close();
    }

    private void EmitWrite()
    {
        if (!_type.IsValueType)
        {
            _source.Open("if (value is null)").Lines("writer.WriteNullObject();", "return;").Close().Line();
        }

        if (_type.MayBeDerived)
        {
            _source.Open($"if (value.GetType() != typeof({_type.TypeName}))")
                .Lines($"{Engine}DerivedCodecs.Write(writer, value);", "return;").Close().Line();
        }

        if (_type.IsAbstract)
        {
            return;
        }

        _source.Line("writer.BeginObject();");
        for (var level = 0; level < _type.Levels.Count; level++)
        {
            if (level > 0)
            {
                _source.Line("writer.EndBase();");
            }

            foreach (var member in _type.Levels[level].Members)
            {
                EmitWriteMember(level, member);
            }
        }

        _source.Line("writer.EndObject();");
    }

    private void EmitWriteMember(int level, SerializableMember member)
    {
        var value = Get(level, member, "value");
        var write = $"writer.WriteField<{member.TypeName}, {member.Codec}>({member.Id}u, {{0}});";
        EmitConditionalWrite(_source, member.Presence, value, write, $"member{level}_{member.Id}");
    }

    /// <summary>Writes a field unless its value is the one that a missing field stands for.</summary>
    public static void EmitConditionalWrite(SourceBuilder source, Presence presence, string value, string write, string local)
    {
        if (presence == Presence.Always)
        {
            source.Line(string.Format(write, value));
            return;
        }

        var condition = presence switch
        {
            Presence.NotZero => $"{local} != default",
            Presence.NotNull => $"{local} is not null",
            _ => $"!{local}.IsEmpty",
        };
        source.Line($"var {local} = {value};");
        source.Open($"if ({condition})").Line(string.Format(write, local)).Close().Line();
    }

    private string Get(int level, SerializableMember member, string instance) => member.Getter switch
    {
        MemberAccess.PropertyAccessor => $"{Accessors(level)}.Get_{member.PlainName}({ByReference(instance)})",
        MemberAccess.FieldAccessor => $"{Accessors(level)}.Field_{member.PlainName}({ByReference(instance)})",
        _ => $"{instance}.{member.Name}",
    };

    private string Set(int level, SerializableMember member, string instance, string value) => member.Setter switch
    {
        MemberAccess.PropertyAccessor => $"{Accessors(level)}.Set_{member.PlainName}({ByReference(instance)}, {value});",
        MemberAccess.FieldAccessor => $"{Accessors(level)}.Field_{member.PlainName}({ByReference(instance)}) = {value};",
        MemberAccess.BackingFieldAccessor => $"{Accessors(level)}.Backing_{member.PlainName}({ByReference(instance)}) = {value};",
        _ => $"{instance}.{member.Name} = {value};",
    };

    private string ByReference(string instance) => _type.IsValueType ? "ref " + instance : instance;

    private string Accessors(int level)
    {
        var arguments = _type.Levels[level].TypeArguments;
        return $"{_type.CodecName}Access{level}{(arguments.Count == 0 ? "" : $"<{string.Join(", ", arguments)}>")}";
    }
}
