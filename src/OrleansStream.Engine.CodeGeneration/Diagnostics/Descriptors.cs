using Microsoft.CodeAnalysis;

namespace OrleansStream.Engine.CodeGeneration;

/// <summary>What can be wrong with the sources. Each message names type and member and says what to do.</summary>
internal static class Descriptors
{
    public static readonly DiagnosticDescriptor DuplicateId = Error(
        "OSE0001", "Duplicate [Id]", "'{0}' and '{1}' of {2} both have [Id({3})]; give one of them a number that was never used in this type");

    public static readonly DiagnosticDescriptor MissingParameterId = Error(
        "OSE0002", "Missing [Id] on a record's parameter", "Parameter '{0}' of record {1} has no [Id]; write '[property: Id({2})] {0}'");

    public static readonly DiagnosticDescriptor MissingMemberId = Error(
        "OSE0003", "Missing [Id]", "'{0}' of {1} has no [Id] and would not travel; add [Id({2})], or [NonSerialized] if it shall not ('[field: NonSerialized]' on a property)");

    public static readonly DiagnosticDescriptor UnsupportedMember = Error(
        "OSE0004", "Member cannot be serialized", "'{0}' of {1} has an [Id], but {2}; make it a field or an automatic property");

    public static readonly DiagnosticDescriptor NoSerializer = Error(
        "OSE0005", "Type has no serializer", "{0} of {1} is of type {2}, which has no serializer; mark that type with [GenerateSerializer] or use another one");

    public static readonly DiagnosticDescriptor InaccessibleType = Error(
        "OSE0006", "Type is not accessible", "{0} is not accessible from generated code; make it and the types around it internal or public");

    public static readonly DiagnosticDescriptor UnsupportedType = Error(
        "OSE0007", "Type cannot be serialized", "{0} is marked with [GenerateSerializer], but {1}; use an ordinary class, record or struct");

    public static readonly DiagnosticDescriptor UnsupportedReturnType = Error(
        "OSE0101", "Unsupported return type of a grain method", "{0} of {1} returns {2}; it must return Task, Task<T>, ValueTask, ValueTask<T>, IAsyncEnumerable<T> or void");

    public static readonly DiagnosticDescriptor UnsupportedInterfaceMember = Error(
        "OSE0102", "Unsupported member of a grain interface", "'{0}' of grain interface {1} is {2}; only methods can be called on a grain");

    public static readonly DiagnosticDescriptor DuplicateMethodName = Error(
        "OSE0103", "Two grain methods have the same name on the wire", "Two methods of {0} are called '{1}' on the wire; give one of them an [Alias] of its own");

    public static readonly DiagnosticDescriptor SeveralTokens = Error(
        "OSE0104", "Several CancellationTokens", "{0} of {1} has more than one CancellationToken parameter; keep one");

    public static readonly DiagnosticDescriptor ReferenceParameter = Error(
        "OSE0105", "Parameter by reference", "Parameter '{0}' of {1} of {2} is passed by reference; grain methods take their arguments by value");

    public static readonly DiagnosticDescriptor GenericGrainMember = Error(
        "OSE0106", "Generic grain interface or method", "{0} is generic; grain interfaces and their methods must not be");

    private static DiagnosticDescriptor Error(string id, string title, string message)
        => new(id, title, message, "OrleansStream.Engine", DiagnosticSeverity.Error, isEnabledByDefault: true);
}
