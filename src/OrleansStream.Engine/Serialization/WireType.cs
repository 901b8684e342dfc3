using System.ComponentModel;

namespace OrleansStream.Engine.CodeGeneration;

/// <summary>
/// How a value lies on the wire; the low three bits of a field's key, so that a reader can pass over a field that
/// it does not know. The numbers are frozen.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public enum WireType : byte
{
    /// <summary>A base-128 varint of at most ten bytes; signed numbers are zigzag-encoded.</summary>
    Varint = 0,

    /// <summary>Four bytes, little endian.</summary>
    Fixed32 = 1,

    /// <summary>Eight bytes, little endian.</summary>
    Fixed64 = 2,

    /// <summary>A varint that is 0 for null or else the length plus one, and so many bytes.</summary>
    Bytes = 3,

    /// <summary>Fields up to an end key; null is the single byte <see cref="Null"/>.</summary>
    Object = 4,

    /// <summary>A varint that is 0 for null or else <c>(count &lt;&lt; 3 | wire type of the elements) + 1</c>, and the elements.</summary>
    Sequence = 5,

    /// <summary>The byte that stands for an object that is null. Not a field's wire type.</summary>
    Null = 6,

    /// <summary>A key that ends something: with id 0 the object, with id 1 the fields of a base class.</summary>
    End = 7,
}
