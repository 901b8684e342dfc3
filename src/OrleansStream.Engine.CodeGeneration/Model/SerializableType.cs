namespace OrleansStream.Engine.CodeGeneration;

/// <summary>A [GenerateSerializer] class or struct. All types are fully qualified C#.</summary>
/// <param name="CodecName">The codec's name without type parameters; also the name of the generated file.</param>
/// <param name="TypeName">The type.</param>
/// <param name="OpenTypeName">The type as it stands in typeof; the same unless it is generic.</param>
/// <param name="DisplayName">The type as a human reads it.</param>
/// <param name="TypeParameters">The type's parameters, those of types around it included.</param>
/// <param name="Constraints">Their constraint clauses.</param>
/// <param name="WireName">[Alias], else the full name: for where a base class is declared.</param>
/// <param name="IsValueType">Struct or class.</param>
/// <param name="IsAbstract">No instances of the class itself.</param>
/// <param name="MayBeDerived">Values may be of a derived class.</param>
/// <param name="IsDerived">The class has a base class with fields, and may stand where that one is declared.</param>
/// <param name="IsImmutable">[Immutable].</param>
/// <param name="Creation">How instances are made.</param>
/// <param name="ConstructorMembers">The members that the constructor takes, in its order, as level and index.</param>
/// <param name="Levels">The members by level of inheritance, the base class's first.</param>
internal sealed record SerializableType(
    string CodecName,
    string TypeName,
    string OpenTypeName,
    string DisplayName,
    EquatableArray<string> TypeParameters,
    EquatableArray<string> Constraints,
    string WireName,
    bool IsValueType,
    bool IsAbstract,
    bool MayBeDerived,
    bool IsDerived,
    bool IsImmutable,
    Creation Creation,
    EquatableArray<MemberReference> ConstructorMembers,
    EquatableArray<InheritanceLevel> Levels)
{
    public bool IsGeneric => TypeParameters.Count > 0;
}

/// <summary>How an instance is made before its members are set.</summary>
internal enum Creation
{
    /// <summary>By <c>new</c>, with the constructor members as arguments.</summary>
    Constructor,

    /// <summary>Likewise, but by a constructor that code outside cannot call, or not without setting required members.</summary>
    ConstructorAccessor,

    /// <summary>Without running a constructor, since none fits; a struct as its default.</summary>
    Uninitialized,
}

/// <summary>A member by its place in <see cref="SerializableType.Levels"/>.</summary>
internal sealed record MemberReference(int Level, int Index);

/// <summary>The members that one class of an inheritance chain declares.</summary>
/// <param name="TypeArguments">The type arguments with which the declaring class is used, for accessors.</param>
/// <param name="TypeParameters">The declaring class's parameters.</param>
/// <param name="Constraints">Their constraint clauses.</param>
/// <param name="OpenTypeName">The declaring class in terms of its own parameters.</param>
/// <param name="Members">The members in order of their ids.</param>
internal sealed record InheritanceLevel(
    EquatableArray<string> TypeArguments,
    EquatableArray<string> TypeParameters,
    EquatableArray<string> Constraints,
    string OpenTypeName,
    EquatableArray<SerializableMember> Members);

/// <summary>A member with an [Id].</summary>
/// <param name="Id">Its number on the wire.</param>
/// <param name="Name">Its name, escaped if it is a keyword.</param>
/// <param name="PlainName">Its name in metadata.</param>
/// <param name="TypeName">Its type.</param>
/// <param name="DeclaredTypeName">Its type in terms of the declaring class's own parameters.</param>
/// <param name="Codec">Its codec.</param>
/// <param name="Getter">How it is read.</param>
/// <param name="Setter">How it is set after construction.</param>
/// <param name="IsConstructorParameter">Whether it is set by the constructor.</param>
/// <param name="Presence">Which values need not be written.</param>
/// <param name="DefaultValue">What it has when the message does not have it (constructor parameters).</param>
internal sealed record SerializableMember(
    uint Id,
    string Name,
    string PlainName,
    string TypeName,
    string DeclaredTypeName,
    string Codec,
    MemberAccess Getter,
    MemberAccess Setter,
    bool IsConstructorParameter,
    Presence Presence,
    string DefaultValue);

/// <summary>How generated code gets at a member.</summary>
internal enum MemberAccess
{
    /// <summary>By its name.</summary>
    Direct,

    /// <summary>Through an accessor of the property's method.</summary>
    PropertyAccessor,

    /// <summary>Through an accessor of the field.</summary>
    FieldAccessor,

    /// <summary>Through an accessor of an automatic property's field.</summary>
    BackingFieldAccessor,
}

/// <summary>Which values of a field are left out of the message because a missing field means the same.</summary>
internal enum Presence
{
    /// <summary>None: the field is always there.</summary>
    Always,

    /// <summary>A number, Boolean or enum of zero.</summary>
    NotZero,

    /// <summary>Null.</summary>
    NotNull,

    /// <summary>Empty memory.</summary>
    NotEmpty,
}
