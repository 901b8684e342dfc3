namespace OrleansStream.Engine.CodeGeneration;

/// <content>Reading, copying, and the accessors of members that code outside the type cannot reach.</content>
internal sealed partial class CodecEmitter
{
    private void EmitRead()
    {
        if (_type.MayBeDerived)
        {
            _source.Open("if (reader.ReadDerivedName(out var derived))")
                .Line($"return {Engine}DerivedCodecs.Read<{_type.TypeName}>(ref reader, derived);").Close().Line();
        }

        _source.Open("if (!reader.BeginObject())").Line("return default;").Close().Line();
        if (_type.IsAbstract)
        {
            _source.Line($"throw reader.Malformed(\"an object of the abstract class {_type.DisplayName}\");");
            return;
        }

        // Members that the constructor takes are read before there is an instance; the others wait for it then.
        var isConstructedLast = _type.ConstructorMembers.Count > 0;
        if (!isConstructedLast)
        {
            _source.Line($"var result = {Construct()};");
        }
        else
        {
            EmitLocals();
        }

        for (var level = 0; level < _type.Levels.Count; level++)
        {
            if (level > 0)
            {
                _source.Open("if (reader.IsAtBaseEnd)");
            }

            EmitReadLevel(level, isConstructedLast);
        }

        for (var level = 1; level < _type.Levels.Count; level++)
        {
            _source.Close();
        }

        _source.Line("reader.EndObject();");
        if (isConstructedLast)
        {
            EmitConstruction();
        }

        _source.Line("return result;");
    }

    private void EmitLocals()
    {
        foreach (var (reference, member) in Members())
        {
            _source.Line($"{member.TypeName} {Local(reference)} = {member.DefaultValue};");
            if (!_constructed.Contains(reference))
            {
                _source.Line($"var {Local(reference)}IsPresent = false;");
            }
        }
    }

    private void EmitReadLevel(int level, bool isConstructedLast)
    {
        var members = _type.Levels[level].Members;
        _source.Open($"while (reader.ReadField(out var id{level}, out var type{level}))");
        _source.Open($"switch (id{level})");
        for (var index = 0; index < members.Count; index++)
        {
            var member = members[index];
            var reference = new MemberReference(level, index);
            var read = $"reader.ReadValue<{member.TypeName}, {member.Codec}>(type{level}, {member.Id}u)";
            _source.Line($"case {member.Id}u:");
            if (!isConstructedLast)
            {
                _source.Line("    " + Set(level, member, "result", read));
            }
            else
            {
                _source.Line($"    {Local(reference)} = {read};");
                if (!_constructed.Contains(reference))
                {
                    _source.Line($"    {Local(reference)}IsPresent = true;");
                }
            }

            _source.Line("    break;");
        }

        _source.Lines("default:", $"    reader.Skip(type{level});", "    break;").Close().Close().Line();
    }

    private void EmitConstruction()
    {
        _source.Line($"var result = {Construct()};");
        foreach (var (reference, member) in Members())
        {
            if (!_constructed.Contains(reference))
            {
                _source.Open($"if ({Local(reference)}IsPresent)").Line(Set(reference.Level, member, "result", Local(reference))).Close().Line();
            }
        }
    }

    private void EmitCopy()
    {
        if (!_type.IsValueType)
        {
            _source.Open("if (value is null)").Line("return null;").Close().Line();
        }

        if (_type.MayBeDerived)
        {
            _source.Open($"if (value.GetType() != typeof({_type.TypeName}))").Line($"return {Engine}DerivedCodecs.Copy(value);").Close().Line();
        }

        if (_type.IsImmutable || _type.IsAbstract)
        {
            _source.Line("return value;");
            return;
        }

        if (!_type.IsValueType)
        {
            // A cycle ends in an exception, not in a crash.
            _source.Line("global::System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack();");
        }

        _source.Line($"var result = {Construct(reference => CopyOf(reference.Level, MemberAt(reference)))};");
        foreach (var (reference, member) in Members())
        {
            if (!_constructed.Contains(reference))
            {
                _source.Line(Set(reference.Level, member, "result", CopyOf(reference.Level, member)));
            }
        }

        _source.Line("return result;");
    }

    private string CopyOf(int level, SerializableMember member) => $"default({member.Codec}).Copy({Get(level, member, "value")})";

    private string Construct(Func<MemberReference, string>? argument = null)
    {
        var arguments = string.Join(", ", _type.ConstructorMembers.Select(argument ?? Local));
        return _type.Creation switch
        {
            Creation.Constructor => $"new {_type.TypeName}({arguments})",
            Creation.ConstructorAccessor => $"{Accessors(_type.Levels.Count - 1)}.Create({arguments})",
            _ when _type.IsValueType => $"default({_type.TypeName})",
            _ => $"({_type.TypeName})global::System.Runtime.CompilerServices.RuntimeHelpers.GetUninitializedObject(typeof({_type.TypeName}))",
        };
    }

    private void EmitAccessors()
    {
        const string Accessor = "[global::System.Runtime.CompilerServices.UnsafeAccessor(global::System.Runtime.CompilerServices.UnsafeAccessorKind.";
        for (var index = 0; index < _type.Levels.Count; index++)
        {
            var level = _type.Levels[index];
            var lines = new List<string>();
            var target = (_type.IsValueType ? "ref " : "") + level.OpenTypeName + " target";
            if (index == _type.Levels.Count - 1 && _type.Creation == Creation.ConstructorAccessor)
            {
                var parameters = string.Join(", ", _type.ConstructorMembers.Select((m, i) => $"{MemberAt(m).TypeName} p{i}"));
                lines.Add($"{Accessor}Constructor)]\ninternal static extern {level.OpenTypeName} Create({parameters});");
            }

            for (var m = 0; m < level.Members.Count; m++)
            {
                var member = level.Members[m];
                var isSet = !_constructed.Contains(new MemberReference(index, m));
                if (member.Getter == MemberAccess.PropertyAccessor)
                {
                    lines.Add($"{Accessor}Method, Name = \"get_{member.PlainName}\")]\ninternal static extern {member.DeclaredTypeName} Get_{member.PlainName}({target});");
                }

                if (isSet && member.Setter == MemberAccess.PropertyAccessor)
                {
                    lines.Add($"{Accessor}Method, Name = \"set_{member.PlainName}\")]\ninternal static extern void Set_{member.PlainName}({target}, {member.DeclaredTypeName} value);");
                }

                if (member.Getter == MemberAccess.FieldAccessor || (isSet && member.Setter == MemberAccess.FieldAccessor))
                {
                    lines.Add($"{Accessor}Field, Name = \"{member.PlainName}\")]\ninternal static extern ref {member.DeclaredTypeName} Field_{member.PlainName}({target});");
                }

                if (isSet && member.Setter == MemberAccess.BackingFieldAccessor)
                {
                    lines.Add($"{Accessor}Field, Name = \"<{member.PlainName}>k__BackingField\")]\ninternal static extern ref {member.DeclaredTypeName} Backing_{member.PlainName}({target});");
                }
            }

            if (lines.Count > 0)
            {
                EmitAccessorClass(index, level, lines);
            }
        }
    }

    // A class for each level, with that level's own type parameters: the runtime asks for the same ones in the same places.
    private void EmitAccessorClass(int index, InheritanceLevel level, List<string> lines)
    {
        var parameters = level.TypeParameters.Count == 0 ? "" : $"<{string.Join(", ", level.TypeParameters)}>";
        _source.Line().Attributes().Line($"internal static class {_type.CodecName}Access{index}{parameters}");
        foreach (var constraint in level.Constraints)
        {
            _source.Line("    " + constraint);
        }

        _source.OpenBrace();
        foreach (var line in lines.SelectMany(l => l.Split('\n')))
        {
            _source.Line(line);
        }

        _source.Close();
    }

    private IEnumerable<(MemberReference Reference, SerializableMember Member)> Members()
        => _type.Levels.SelectMany((level, l) => level.Members.Select((member, m) => (new MemberReference(l, m), member)));

    private SerializableMember MemberAt(MemberReference reference) => _type.Levels[reference.Level].Members[reference.Index];

    private static string Local(MemberReference reference) => $"member{reference.Level}_{reference.Index}";
}
