using System.ComponentModel;

namespace OrleansStream.Engine.CodeGeneration;

/// <summary>
/// Writes, reads and copies values of one type. Generated for [GenerateSerializer] types; the engine has its own
/// for primitives, strings, enums, Guid, TimeSpan, DateTime(Offset), byte memory, arrays, lists, dictionaries, nullables and tuples.
/// Fields carry their id and a wire type, so that unknown fields are skipped and missing ones keep their default:
/// formats may grow (a mixed-version cluster keeps working).
/// </summary>
/// <remarks>
/// Codecs are stateless structs, composed as type arguments (<c>ArrayCodec&lt;int, Int32Codec&gt;</c>): the JIT compiles each
/// composition without virtual calls or boxing, and no static instances exist whose initialisation could be circular.
/// </remarks>
/// <typeparam name="T">The type.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public interface IValueCodec<T>
{
    /// <summary>How the values lie on the wire; the same for all values of the type.</summary>
    WireType WireType { get; }

    /// <summary>Whether <see cref="Copy"/> always returns its argument, so that collections may be copied as a block.</summary>
    bool IsImmutable { get; }

    /// <summary>Writes the value, null included.</summary>
    void Write(MessageWriter writer, T value);

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    T Read(ref MessageReader reader);

    /// <summary>A copy that shares nothing mutable with the original; immutable values are returned as they are.</summary>
    T Copy(T value);
}
