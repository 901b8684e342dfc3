namespace OrleansStream.Engine.CodeGeneration;

/// <summary>A grain interface. All types are fully qualified C#.</summary>
/// <param name="GeneratedName">The stem of the generated classes' and file's names.</param>
/// <param name="TypeName">The interface.</param>
/// <param name="DisplayName">The interface as a human reads it.</param>
/// <param name="WireName">[Alias], else the full name.</param>
/// <param name="Methods">All methods, inherited ones included, in a fixed order.</param>
internal sealed record GrainInterface(
    string GeneratedName,
    string TypeName,
    string DisplayName,
    string WireName,
    EquatableArray<GrainMethod> Methods);

/// <summary>A method of a grain interface.</summary>
/// <param name="InvocationName">The invocation class's name.</param>
/// <param name="DeclaringType">The interface that declares the method.</param>
/// <param name="DeclaringWireName">That interface's name on the wire.</param>
/// <param name="Name">The method's name, escaped if it is a keyword.</param>
/// <param name="PlainName">The method's name in metadata.</param>
/// <param name="WireName">[Alias], else the name with the parameter count.</param>
/// <param name="ReturnTypeName">The return type.</param>
/// <param name="Return">The return type's kind.</param>
/// <param name="ResultTypeName">The result's or element's type; empty without one.</param>
/// <param name="ResultCodec">Its codec.</param>
/// <param name="IsOneWay">[OneWay] or void.</param>
/// <param name="IsReadOnly">[ReadOnly].</param>
/// <param name="IsAlwaysInterleave">[AlwaysInterleave].</param>
/// <param name="Parameters">All parameters, the token included.</param>
internal sealed record GrainMethod(
    string InvocationName,
    string DeclaringType,
    string DeclaringWireName,
    string Name,
    string PlainName,
    string WireName,
    string ReturnTypeName,
    ReturnKind Return,
    string ResultTypeName,
    string ResultCodec,
    bool IsOneWay,
    bool IsReadOnly,
    bool IsAlwaysInterleave,
    EquatableArray<GrainParameter> Parameters)
{
    public IEnumerable<GrainParameter> Arguments => Parameters.Where(p => !p.IsCancellationToken);

    public bool TakesCancellationToken => Parameters.Any(p => p.IsCancellationToken);
}

/// <summary>A parameter.</summary>
/// <param name="Name">Its name, escaped if it is a keyword.</param>
/// <param name="TypeName">Its type.</param>
/// <param name="Codec">Its codec; empty for the token.</param>
/// <param name="IsCancellationToken">Whether it is the token, which never travels.</param>
/// <param name="Presence">Which values need not be written.</param>
/// <param name="DefaultValue">What it has when the message does not have it.</param>
internal sealed record GrainParameter(
    string Name,
    string TypeName,
    string Codec,
    bool IsCancellationToken,
    Presence Presence,
    string DefaultValue);

/// <summary>What a grain method returns.</summary>
internal enum ReturnKind
{
    /// <summary>Nothing.</summary>
    Void,

    /// <summary>Task.</summary>
    Task,

    /// <summary>Task of a result.</summary>
    TaskOfResult,

    /// <summary>ValueTask.</summary>
    ValueTask,

    /// <summary>ValueTask of a result.</summary>
    ValueTaskOfResult,

    /// <summary>IAsyncEnumerable.</summary>
    Stream,
}
