namespace OrleansStream.Engine.CodeGeneration;

/// <summary>What became of looking at one declaration: something to generate, or what is wrong with it, or neither.</summary>
internal sealed record Analyzed<T>(T? Model, EquatableArray<DiagnosticModel> Diagnostics)
    where T : class, IEquatable<T>;
