namespace OrleansStream.Cli.Records;

/// <summary>A line is longer than what is read into memory.</summary>
internal sealed class LineTooLongException(long lineNumber, int maxLineBytes)
    : Exception($"line {lineNumber} is longer than {maxLineBytes} bytes")
{
    /// <summary>The number of the line, from 1.</summary>
    public long LineNumber { get; } = lineNumber;
}
