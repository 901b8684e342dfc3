using System.ComponentModel;

namespace OrleansStream.Engine.CodeGeneration;

/// <summary>A value type that can be null: an object with the value as field 0.</summary>
/// <typeparam name="T">The value type.</typeparam>
/// <typeparam name="TCodec">Its codec.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct NullableCodec<T, TCodec> : IValueCodec<T?>
    where T : struct
    where TCodec : struct, IValueCodec<T>
{
    /// <inheritdoc/>
    public WireType WireType => WireType.Object;

    /// <inheritdoc/>
    public bool IsImmutable => default(TCodec).IsImmutable;

    /// <inheritdoc/>
    public void Write(MessageWriter writer, T? value)
    {
        if (value is not { } present)
        {
            writer.WriteNullObject();
            return;
        }

        writer.BeginObject();
        writer.WriteField<T, TCodec>(0, present);
        writer.EndObject();
    }

    /// <inheritdoc/>
    public T? Read(ref MessageReader reader)
    {
        if (!reader.BeginObject())
        {
            return null;
        }

        T value = default;
        while (reader.ReadField(out var id, out var type))
        {
            if (id == 0)
            {
                value = reader.ReadValue<T, TCodec>(type, id);
            }
            else
            {
                reader.Skip(type);
            }
        }

        reader.EndObject();
        return value;
    }

    /// <inheritdoc/>
    public T? Copy(T? value) => value is { } present ? default(TCodec).Copy(present) : null;
}

/// <summary>A value that was marked [Immutable] where it is used: it travels like any other and is never copied.</summary>
/// <typeparam name="T">The type.</typeparam>
/// <typeparam name="TCodec">Its codec.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct SharedCodec<T, TCodec> : IValueCodec<T>
    where TCodec : struct, IValueCodec<T>
{
    /// <inheritdoc/>
    public WireType WireType => default(TCodec).WireType;

    /// <inheritdoc/>
    public bool IsImmutable => true;

    /// <inheritdoc/>
    public void Write(MessageWriter writer, T value) => default(TCodec).Write(writer, value);

    /// <inheritdoc/>
    public T Read(ref MessageReader reader) => default(TCodec).Read(ref reader);

    /// <inheritdoc/>
    public T Copy(T value) => value;
}

/// <summary>A type whose codec another assembly has registered: looked up once, then called through its interface.</summary>
/// <typeparam name="T">The type.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct RegisteredCodec<T> : IValueCodec<T>
{
    /// <inheritdoc/>
    public WireType WireType => ValueCodecs.Get<T>().WireType;

    /// <inheritdoc/>
    public bool IsImmutable => ValueCodecs.Get<T>().IsImmutable;

    /// <inheritdoc/>
    public void Write(MessageWriter writer, T value) => ValueCodecs.Get<T>().Write(writer, value);

    /// <inheritdoc/>
    public T Read(ref MessageReader reader) => ValueCodecs.Get<T>().Read(ref reader);

    /// <inheritdoc/>
    public T Copy(T value) => ValueCodecs.Get<T>().Copy(value);
}
