namespace OrleansStream.Engine.Tests.ApiParity;

/// <summary>A public type as its users see it.</summary>
/// <param name="Name">Its full name, with the number of type parameters.</param>
/// <param name="Shape">What kind of type, and its base class.</param>
/// <param name="Members">The signatures of its public and protected members, constants with their values.</param>
internal sealed record PublicType(string Name, string Shape, IReadOnlySet<string> Members);
