using System.ComponentModel;

namespace OrleansStream.Engine.CodeGeneration;

/// <summary>
/// Builds one message: a pooled head buffer, plus large byte memories by reference, so that a record payload is not
/// copied before it reaches the socket's pipe. Not thread-safe; one owner returns it to its pool.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed partial class MessageWriter
{
}
