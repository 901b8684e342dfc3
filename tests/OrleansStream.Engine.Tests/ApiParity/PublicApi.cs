using System.Collections.Immutable;
using System.Globalization;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace OrleansStream.Engine.Tests.ApiParity;

/// <summary>Reads the public API of an assembly file without loading it.</summary>
internal static class PublicApi
{
    public static Dictionary<string, PublicType> Read(string path)
    {
        using var file = new PEReader(File.OpenRead(path));
        var reader = file.GetMetadataReader();
        var types = new Dictionary<string, PublicType>();
        foreach (var handle in reader.TypeDefinitions)
        {
            if (IsVisible(reader, handle))
            {
                var type = ReadType(reader, handle);
                types[type.Name] = type;
            }
        }

        return types;
    }

    private static PublicType ReadType(MetadataReader reader, TypeDefinitionHandle handle)
    {
        var definition = reader.GetTypeDefinition(handle);
        var names = new GenericNames(NamesOf(reader, definition.GetGenericParameters()), []);
        var baseName = definition.BaseType.IsNil ? string.Empty : SignatureNames.Instance.NameOf(reader, definition.BaseType, names);
        var kind = (definition.Attributes & TypeAttributes.Interface) != 0 ? "interface" : $": {baseName}";
        var flags = (definition.Attributes & (TypeAttributes.Abstract | TypeAttributes.Sealed)).ToString();
        return new PublicType(SignatureNames.NameOf(reader, handle), $"{flags} {kind}", ReadMembers(reader, definition, names, baseName == "System.Enum"));
    }

    private static HashSet<string> ReadMembers(MetadataReader reader, TypeDefinition definition, GenericNames names, bool isEnum)
    {
        var members = new HashSet<string>(StringComparer.Ordinal);
        foreach (var fieldHandle in definition.GetFields())
        {
            var field = reader.GetFieldDefinition(fieldHandle);
            var name = reader.GetString(field.Name);
            if ((field.Attributes & FieldAttributes.FieldAccessMask) is FieldAttributes.Public or FieldAttributes.Family && !(isEnum && name == "value__"))
            {
                var type = field.DecodeSignature(SignatureNames.Instance, names);
                var value = field.GetDefaultValue().IsNil ? string.Empty : $" = {ValueOf(reader, field.GetDefaultValue())}";
                var isStatic = (field.Attributes & FieldAttributes.Static) != 0 ? "static " : string.Empty;
                members.Add($"{isStatic}{type} {name}{value}");
            }
        }

        foreach (var methodHandle in definition.GetMethods())
        {
            var method = reader.GetMethodDefinition(methodHandle);
            if ((method.Attributes & MethodAttributes.MemberAccessMask) is MethodAttributes.Public or MethodAttributes.Family or MethodAttributes.FamORAssem)
            {
                members.Add(Describe(reader, method, names));
            }
        }

        return members;
    }

    // Whether a member is virtual does not matter to a caller, but it does to whoever overrides it: abstract and overridable ones are marked.
    private static string Describe(MetadataReader reader, MethodDefinition method, GenericNames typeNames)
    {
        var names = typeNames with { MethodParameters = NamesOf(reader, method.GetGenericParameters()) };
        var signature = method.DecodeSignature(SignatureNames.Instance, names);
        var parameters = new string[signature.ParameterTypes.Length];
        foreach (var handle in method.GetParameters())
        {
            var parameter = reader.GetParameter(handle);
            if (parameter.SequenceNumber > 0)
            {
                var value = parameter.GetDefaultValue().IsNil ? string.Empty : $" = {ValueOf(reader, parameter.GetDefaultValue())}";
                parameters[parameter.SequenceNumber - 1] = $"{signature.ParameterTypes[parameter.SequenceNumber - 1]} {reader.GetString(parameter.Name)}{value}";
            }
        }

        var constraints = method.GetGenericParameters().Select(reader.GetGenericParameter).SelectMany(parameter =>
            parameter.GetConstraints().Select(constraint => SignatureNames.Instance.NameOf(reader, reader.GetGenericParameterConstraint(constraint).Type, names))
                .Append((parameter.Attributes & GenericParameterAttributes.SpecialConstraintMask).ToString())
                .Select(constraint => $" where {reader.GetString(parameter.Name)}: {constraint}"));
        var generic = names.MethodParameters.Length == 0 ? string.Empty : $"<{string.Join(", ", names.MethodParameters)}>";
        var isStatic = (method.Attributes & MethodAttributes.Static) != 0 ? "static " : string.Empty;
        return $"{isStatic}{signature.ReturnType} {reader.GetString(method.Name)}{generic}({string.Join(", ", parameters)}){string.Concat(constraints)}";
    }

    private static string ValueOf(MetadataReader reader, ConstantHandle handle)
    {
        var constant = reader.GetConstant(handle);
        return Convert.ToString(reader.GetBlobReader(constant.Value).ReadConstant(constant.TypeCode), CultureInfo.InvariantCulture) ?? "null";
    }

    private static ImmutableArray<string> NamesOf(MetadataReader reader, GenericParameterHandleCollection parameters)
        => [.. parameters.Select(parameter => reader.GetString(reader.GetGenericParameter(parameter).Name))];

    private static bool IsVisible(MetadataReader reader, TypeDefinitionHandle handle)
    {
        var definition = reader.GetTypeDefinition(handle);
        return (definition.Attributes & TypeAttributes.VisibilityMask) switch
        {
            TypeAttributes.Public => true,
            TypeAttributes.NestedPublic => IsVisible(reader, definition.GetDeclaringType()),
            _ => false,
        };
    }
}
