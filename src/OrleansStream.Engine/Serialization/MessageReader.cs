using System.ComponentModel;

namespace OrleansStream.Engine.CodeGeneration;

/// <summary>
/// Reads one message from one contiguous array that belongs to the message: byte memories in it are slices, not copies.
/// Every length is checked against what is left before anything is allocated.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public ref partial struct MessageReader
{
}
