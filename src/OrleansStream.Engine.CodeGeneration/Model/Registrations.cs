namespace OrleansStream.Engine.CodeGeneration;

/// <summary>What the module initializer does about a serializable type; changes less often than the type's members.</summary>
internal sealed record CodecRegistration(string CodecName, string TypeName, string OpenTypeName, int TypeParameterCount, string WireName, bool IsDerived)
{
    public static CodecRegistration From(SerializableType type)
        => new(type.CodecName, type.TypeName, type.OpenTypeName, type.TypeParameters.Count, type.WireName, type.IsDerived);
}

/// <summary>What the module initializer does about a grain interface.</summary>
internal sealed record InterfaceRegistration(string GeneratedName, string TypeName, string WireName, EquatableArray<string> InvocationNames)
{
    public static InterfaceRegistration From(GrainInterface grain)
        => new(grain.GeneratedName, grain.TypeName, grain.WireName, new(grain.Methods.Select(m => m.InvocationName).ToArray()));
}

/// <summary>A concrete grain class, fully qualified.</summary>
internal sealed record GrainClass(string TypeName);
