namespace OrleansStream.Protocol.CodeGeneration;

/// <summary>A schema file is wrong.</summary>
internal sealed class SchemaException : Exception
{
    public SchemaException(string message, int line)
        : base(message)
    {
        Line = line;
    }

    /// <summary>The line, from 1.</summary>
    public int Line { get; }
}
