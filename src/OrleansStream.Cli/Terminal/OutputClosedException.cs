namespace OrleansStream.Cli.Terminal;

/// <summary>Whoever read stdout has gone, as <c>head</c> does after its last line: a normal end.</summary>
internal sealed class OutputClosedException() : IOException("Nobody reads stdout any more.");
