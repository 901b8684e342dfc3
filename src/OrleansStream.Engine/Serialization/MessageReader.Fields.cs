using System.Runtime.CompilerServices;

namespace OrleansStream.Engine.CodeGeneration;

/// <content>Objects, their fields, sequences, and passing over what is not known.</content>
public ref partial struct MessageReader
{
    /// <summary>Begins an object. <see cref="ReadField"/> reads its fields, <see cref="EndObject"/> ends it.</summary>
    /// <returns>False if the object is null: then there is nothing more to read of it.</returns>
    public bool BeginObject()
    {
        if (Remaining > 0 && _span[_position] == (byte)WireType.Null)
        {
            _position++;
            return false;
        }

        Enter();
        return true;
    }

    /// <summary>Reads the name of a derived class if one stands before an object.</summary>
    public bool ReadDerivedName(out string name)
    {
        if (Remaining == 0 || _span[_position] != MessageWriter.DerivedMark)
        {
            name = "";
            return false;
        }

        _position++;
        name = ReadString() ?? throw Malformed("the name of a class is null");
        if (Remaining > 0 && _span[_position] == MessageWriter.DerivedMark)
        {
            throw Malformed("a class has two names");
        }

        return true;
    }

    /// <summary>Reads the header of the next field of an object.</summary>
    /// <returns>False at the end of the object or of a base class's fields.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool ReadField(out uint id, out WireType type)
    {
        var key = ReadVarUInt32();
        id = key >> 3;
        type = (WireType)(key & 7);
        return type < WireType.Null || EndField(id, type);
    }

    /// <summary>Whether the last <see cref="ReadField"/> that returned false stopped at the end of a base class's fields: those of the next class follow.</summary>
    public readonly bool IsAtBaseEnd => _isAtBaseEnd;

    /// <summary>
    /// Ends an object after <see cref="ReadField"/> returned false: passes over the fields of derived classes that the
    /// sender knows and this reader does not.
    /// </summary>
    public void EndObject()
    {
        while (_isAtBaseEnd)
        {
            while (ReadField(out _, out var type))
            {
                Skip(type);
            }
        }
    }

    /// <summary>Reads a field's value after checking that it has the wire type that its codec reads.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T ReadValue<T, TCodec>(WireType actual, uint id)
        where TCodec : struct, IValueCodec<T>
    {
        if (actual != default(TCodec).WireType)
        {
            ThrowUnexpected(actual, default(TCodec).WireType, id);
        }

        return default(TCodec).Read(ref this);
    }

    /// <summary>
    /// Begins a sequence and gets the number of its elements, each of which takes at least one byte of what is left.
    /// <see cref="EndSequence"/> ends it.
    /// </summary>
    /// <returns>The count; -1 if the sequence is null: then there is nothing to end.</returns>
    public int BeginSequence(WireType elementType)
    {
        var count = ReadSequenceHeader(out var actual);
        if (count >= 0)
        {
            Enter();
            if (count > 0 && actual != elementType)
            {
                throw Malformed($"a sequence of {actual} where one of {elementType} is expected");
            }
        }

        return count;
    }

    /// <summary>Ends a sequence.</summary>
    public void EndSequence() => _depth--;

    /// <summary>Passes over a value that the reader does not know.</summary>
    public void Skip(WireType type)
    {
        switch (type)
        {
            case WireType.Varint:
                ReadVarUInt64();
                break;
            case WireType.Fixed32:
                Take(sizeof(uint));
                break;
            case WireType.Fixed64:
                Take(sizeof(ulong));
                break;
            case WireType.Bytes:
                ReadSpan();
                break;
            case WireType.Object:
                SkipObject();
                break;
            case WireType.Sequence:
                SkipSequence();
                break;
            default:
                throw Malformed($"{type} is not the wire type of a value");
        }
    }

    private void SkipObject()
    {
        ReadDerivedName(out _);
        if (BeginObject())
        {
            _isAtBaseEnd = true;
            EndObject();
        }
    }

    private void SkipSequence()
    {
        var count = ReadSequenceHeader(out var elementType);
        if (count < 0)
        {
            return;
        }

        Enter();
        for (var i = 0; i < count; i++)
        {
            Skip(elementType);
        }

        EndSequence();
    }

    private int ReadSequenceHeader(out WireType elementType)
    {
        var header = ReadVarUInt64();
        if (header == 0)
        {
            elementType = default;
            return -1;
        }

        header--;
        elementType = (WireType)(header & 7);
        var count = header >> 3;
        return count <= (ulong)Remaining
            ? (int)count
            : throw Malformed($"a sequence of {count} elements where {Remaining} bytes are left");
    }

    private bool EndField(uint id, WireType type)
    {
        if (type != WireType.End || id > 1)
        {
            throw Malformed($"a field with id {id} and wire type {type}");
        }

        _isAtBaseEnd = id == 1;
        if (!_isAtBaseEnd)
        {
            _depth--;
        }

        return false;
    }

    private void Enter()
    {
        if (++_depth > MessageWriter.MaxDepth)
        {
            throw Malformed($"nesting is deeper than {MessageWriter.MaxDepth} levels");
        }
    }

    private readonly void ThrowUnexpected(WireType actual, WireType expected, uint id)
        => throw Malformed($"field {id} is of wire type {actual} where {expected} is expected");
}
