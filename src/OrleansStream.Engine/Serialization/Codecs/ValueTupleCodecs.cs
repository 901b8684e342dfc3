using System.ComponentModel;

namespace OrleansStream.Engine.CodeGeneration;

/// <summary>A tuple of 2: an object with the items as fields from 0.</summary>
/// <typeparam name="T1">The type of item 1.</typeparam>
/// <typeparam name="T2">The type of item 2.</typeparam>
/// <typeparam name="T1Codec">The codec of item 1.</typeparam>
/// <typeparam name="T2Codec">The codec of item 2.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct ValueTupleCodec<T1, T2, T1Codec, T2Codec> : IValueCodec<(T1, T2)>
    where T1Codec : struct, IValueCodec<T1>
    where T2Codec : struct, IValueCodec<T2>
{
    /// <inheritdoc/>
    public WireType WireType => WireType.Object;

    /// <inheritdoc/>
    public bool IsImmutable => default(T1Codec).IsImmutable && default(T2Codec).IsImmutable;

    /// <inheritdoc/>
    public void Write(MessageWriter writer, (T1, T2) value)
    {
        writer.BeginObject();
        writer.WriteField<T1, T1Codec>(0, value.Item1);
        writer.WriteField<T2, T2Codec>(1, value.Item2);
        writer.EndObject();
    }

    /// <inheritdoc/>
    public (T1, T2) Read(ref MessageReader reader)
    {
        T1 item1 = default!;
        T2 item2 = default!;
        if (!reader.BeginObject())
        {
            return default;
        }

        while (reader.ReadField(out var id, out var type))
        {
            switch (id)
            {
                case 0:
                    item1 = reader.ReadValue<T1, T1Codec>(type, id);
                    break;
                case 1:
                    item2 = reader.ReadValue<T2, T2Codec>(type, id);
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }

        reader.EndObject();
        return (item1, item2);
    }

    /// <inheritdoc/>
    public (T1, T2) Copy((T1, T2) value) => (default(T1Codec).Copy(value.Item1), default(T2Codec).Copy(value.Item2));
}

/// <summary>A tuple of 3: an object with the items as fields from 0.</summary>
/// <typeparam name="T1">The type of item 1.</typeparam>
/// <typeparam name="T2">The type of item 2.</typeparam>
/// <typeparam name="T3">The type of item 3.</typeparam>
/// <typeparam name="T1Codec">The codec of item 1.</typeparam>
/// <typeparam name="T2Codec">The codec of item 2.</typeparam>
/// <typeparam name="T3Codec">The codec of item 3.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct ValueTupleCodec<T1, T2, T3, T1Codec, T2Codec, T3Codec> : IValueCodec<(T1, T2, T3)>
    where T1Codec : struct, IValueCodec<T1>
    where T2Codec : struct, IValueCodec<T2>
    where T3Codec : struct, IValueCodec<T3>
{
    /// <inheritdoc/>
    public WireType WireType => WireType.Object;

    /// <inheritdoc/>
    public bool IsImmutable => default(T1Codec).IsImmutable && default(T2Codec).IsImmutable && default(T3Codec).IsImmutable;

    /// <inheritdoc/>
    public void Write(MessageWriter writer, (T1, T2, T3) value)
    {
        writer.BeginObject();
        writer.WriteField<T1, T1Codec>(0, value.Item1);
        writer.WriteField<T2, T2Codec>(1, value.Item2);
        writer.WriteField<T3, T3Codec>(2, value.Item3);
        writer.EndObject();
    }

    /// <inheritdoc/>
    public (T1, T2, T3) Read(ref MessageReader reader)
    {
        T1 item1 = default!;
        T2 item2 = default!;
        T3 item3 = default!;
        if (!reader.BeginObject())
        {
            return default;
        }

        while (reader.ReadField(out var id, out var type))
        {
            switch (id)
            {
                case 0:
                    item1 = reader.ReadValue<T1, T1Codec>(type, id);
                    break;
                case 1:
                    item2 = reader.ReadValue<T2, T2Codec>(type, id);
                    break;
                case 2:
                    item3 = reader.ReadValue<T3, T3Codec>(type, id);
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }

        reader.EndObject();
        return (item1, item2, item3);
    }

    /// <inheritdoc/>
    public (T1, T2, T3) Copy((T1, T2, T3) value) => (default(T1Codec).Copy(value.Item1), default(T2Codec).Copy(value.Item2), default(T3Codec).Copy(value.Item3));
}

/// <summary>A tuple of 4: an object with the items as fields from 0.</summary>
/// <typeparam name="T1">The type of item 1.</typeparam>
/// <typeparam name="T2">The type of item 2.</typeparam>
/// <typeparam name="T3">The type of item 3.</typeparam>
/// <typeparam name="T4">The type of item 4.</typeparam>
/// <typeparam name="T1Codec">The codec of item 1.</typeparam>
/// <typeparam name="T2Codec">The codec of item 2.</typeparam>
/// <typeparam name="T3Codec">The codec of item 3.</typeparam>
/// <typeparam name="T4Codec">The codec of item 4.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct ValueTupleCodec<T1, T2, T3, T4, T1Codec, T2Codec, T3Codec, T4Codec> : IValueCodec<(T1, T2, T3, T4)>
    where T1Codec : struct, IValueCodec<T1>
    where T2Codec : struct, IValueCodec<T2>
    where T3Codec : struct, IValueCodec<T3>
    where T4Codec : struct, IValueCodec<T4>
{
    /// <inheritdoc/>
    public WireType WireType => WireType.Object;

    /// <inheritdoc/>
    public bool IsImmutable => default(T1Codec).IsImmutable && default(T2Codec).IsImmutable && default(T3Codec).IsImmutable && default(T4Codec).IsImmutable;

    /// <inheritdoc/>
    public void Write(MessageWriter writer, (T1, T2, T3, T4) value)
    {
        writer.BeginObject();
        writer.WriteField<T1, T1Codec>(0, value.Item1);
        writer.WriteField<T2, T2Codec>(1, value.Item2);
        writer.WriteField<T3, T3Codec>(2, value.Item3);
        writer.WriteField<T4, T4Codec>(3, value.Item4);
        writer.EndObject();
    }

    /// <inheritdoc/>
    public (T1, T2, T3, T4) Read(ref MessageReader reader)
    {
        T1 item1 = default!;
        T2 item2 = default!;
        T3 item3 = default!;
        T4 item4 = default!;
        if (!reader.BeginObject())
        {
            return default;
        }

        while (reader.ReadField(out var id, out var type))
        {
            switch (id)
            {
                case 0:
                    item1 = reader.ReadValue<T1, T1Codec>(type, id);
                    break;
                case 1:
                    item2 = reader.ReadValue<T2, T2Codec>(type, id);
                    break;
                case 2:
                    item3 = reader.ReadValue<T3, T3Codec>(type, id);
                    break;
                case 3:
                    item4 = reader.ReadValue<T4, T4Codec>(type, id);
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }

        reader.EndObject();
        return (item1, item2, item3, item4);
    }

    /// <inheritdoc/>
    public (T1, T2, T3, T4) Copy((T1, T2, T3, T4) value) => (default(T1Codec).Copy(value.Item1), default(T2Codec).Copy(value.Item2), default(T3Codec).Copy(value.Item3), default(T4Codec).Copy(value.Item4));
}

/// <summary>A tuple of 5: an object with the items as fields from 0.</summary>
/// <typeparam name="T1">The type of item 1.</typeparam>
/// <typeparam name="T2">The type of item 2.</typeparam>
/// <typeparam name="T3">The type of item 3.</typeparam>
/// <typeparam name="T4">The type of item 4.</typeparam>
/// <typeparam name="T5">The type of item 5.</typeparam>
/// <typeparam name="T1Codec">The codec of item 1.</typeparam>
/// <typeparam name="T2Codec">The codec of item 2.</typeparam>
/// <typeparam name="T3Codec">The codec of item 3.</typeparam>
/// <typeparam name="T4Codec">The codec of item 4.</typeparam>
/// <typeparam name="T5Codec">The codec of item 5.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct ValueTupleCodec<T1, T2, T3, T4, T5, T1Codec, T2Codec, T3Codec, T4Codec, T5Codec> : IValueCodec<(T1, T2, T3, T4, T5)>
    where T1Codec : struct, IValueCodec<T1>
    where T2Codec : struct, IValueCodec<T2>
    where T3Codec : struct, IValueCodec<T3>
    where T4Codec : struct, IValueCodec<T4>
    where T5Codec : struct, IValueCodec<T5>
{
    /// <inheritdoc/>
    public WireType WireType => WireType.Object;

    /// <inheritdoc/>
    public bool IsImmutable => default(T1Codec).IsImmutable && default(T2Codec).IsImmutable && default(T3Codec).IsImmutable && default(T4Codec).IsImmutable && default(T5Codec).IsImmutable;

    /// <inheritdoc/>
    public void Write(MessageWriter writer, (T1, T2, T3, T4, T5) value)
    {
        writer.BeginObject();
        writer.WriteField<T1, T1Codec>(0, value.Item1);
        writer.WriteField<T2, T2Codec>(1, value.Item2);
        writer.WriteField<T3, T3Codec>(2, value.Item3);
        writer.WriteField<T4, T4Codec>(3, value.Item4);
        writer.WriteField<T5, T5Codec>(4, value.Item5);
        writer.EndObject();
    }

    /// <inheritdoc/>
    public (T1, T2, T3, T4, T5) Read(ref MessageReader reader)
    {
        T1 item1 = default!;
        T2 item2 = default!;
        T3 item3 = default!;
        T4 item4 = default!;
        T5 item5 = default!;
        if (!reader.BeginObject())
        {
            return default;
        }

        while (reader.ReadField(out var id, out var type))
        {
            switch (id)
            {
                case 0:
                    item1 = reader.ReadValue<T1, T1Codec>(type, id);
                    break;
                case 1:
                    item2 = reader.ReadValue<T2, T2Codec>(type, id);
                    break;
                case 2:
                    item3 = reader.ReadValue<T3, T3Codec>(type, id);
                    break;
                case 3:
                    item4 = reader.ReadValue<T4, T4Codec>(type, id);
                    break;
                case 4:
                    item5 = reader.ReadValue<T5, T5Codec>(type, id);
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }

        reader.EndObject();
        return (item1, item2, item3, item4, item5);
    }

    /// <inheritdoc/>
    public (T1, T2, T3, T4, T5) Copy((T1, T2, T3, T4, T5) value) => (default(T1Codec).Copy(value.Item1), default(T2Codec).Copy(value.Item2), default(T3Codec).Copy(value.Item3), default(T4Codec).Copy(value.Item4), default(T5Codec).Copy(value.Item5));
}

/// <summary>A tuple of 6: an object with the items as fields from 0.</summary>
/// <typeparam name="T1">The type of item 1.</typeparam>
/// <typeparam name="T2">The type of item 2.</typeparam>
/// <typeparam name="T3">The type of item 3.</typeparam>
/// <typeparam name="T4">The type of item 4.</typeparam>
/// <typeparam name="T5">The type of item 5.</typeparam>
/// <typeparam name="T6">The type of item 6.</typeparam>
/// <typeparam name="T1Codec">The codec of item 1.</typeparam>
/// <typeparam name="T2Codec">The codec of item 2.</typeparam>
/// <typeparam name="T3Codec">The codec of item 3.</typeparam>
/// <typeparam name="T4Codec">The codec of item 4.</typeparam>
/// <typeparam name="T5Codec">The codec of item 5.</typeparam>
/// <typeparam name="T6Codec">The codec of item 6.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct ValueTupleCodec<T1, T2, T3, T4, T5, T6, T1Codec, T2Codec, T3Codec, T4Codec, T5Codec, T6Codec> : IValueCodec<(T1, T2, T3, T4, T5, T6)>
    where T1Codec : struct, IValueCodec<T1>
    where T2Codec : struct, IValueCodec<T2>
    where T3Codec : struct, IValueCodec<T3>
    where T4Codec : struct, IValueCodec<T4>
    where T5Codec : struct, IValueCodec<T5>
    where T6Codec : struct, IValueCodec<T6>
{
    /// <inheritdoc/>
    public WireType WireType => WireType.Object;

    /// <inheritdoc/>
    public bool IsImmutable => default(T1Codec).IsImmutable && default(T2Codec).IsImmutable && default(T3Codec).IsImmutable && default(T4Codec).IsImmutable && default(T5Codec).IsImmutable && default(T6Codec).IsImmutable;

    /// <inheritdoc/>
    public void Write(MessageWriter writer, (T1, T2, T3, T4, T5, T6) value)
    {
        writer.BeginObject();
        writer.WriteField<T1, T1Codec>(0, value.Item1);
        writer.WriteField<T2, T2Codec>(1, value.Item2);
        writer.WriteField<T3, T3Codec>(2, value.Item3);
        writer.WriteField<T4, T4Codec>(3, value.Item4);
        writer.WriteField<T5, T5Codec>(4, value.Item5);
        writer.WriteField<T6, T6Codec>(5, value.Item6);
        writer.EndObject();
    }

    /// <inheritdoc/>
    public (T1, T2, T3, T4, T5, T6) Read(ref MessageReader reader)
    {
        T1 item1 = default!;
        T2 item2 = default!;
        T3 item3 = default!;
        T4 item4 = default!;
        T5 item5 = default!;
        T6 item6 = default!;
        if (!reader.BeginObject())
        {
            return default;
        }

        while (reader.ReadField(out var id, out var type))
        {
            switch (id)
            {
                case 0:
                    item1 = reader.ReadValue<T1, T1Codec>(type, id);
                    break;
                case 1:
                    item2 = reader.ReadValue<T2, T2Codec>(type, id);
                    break;
                case 2:
                    item3 = reader.ReadValue<T3, T3Codec>(type, id);
                    break;
                case 3:
                    item4 = reader.ReadValue<T4, T4Codec>(type, id);
                    break;
                case 4:
                    item5 = reader.ReadValue<T5, T5Codec>(type, id);
                    break;
                case 5:
                    item6 = reader.ReadValue<T6, T6Codec>(type, id);
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }

        reader.EndObject();
        return (item1, item2, item3, item4, item5, item6);
    }

    /// <inheritdoc/>
    public (T1, T2, T3, T4, T5, T6) Copy((T1, T2, T3, T4, T5, T6) value) => (default(T1Codec).Copy(value.Item1), default(T2Codec).Copy(value.Item2), default(T3Codec).Copy(value.Item3), default(T4Codec).Copy(value.Item4), default(T5Codec).Copy(value.Item5), default(T6Codec).Copy(value.Item6));
}

/// <summary>A tuple of 7: an object with the items as fields from 0.</summary>
/// <typeparam name="T1">The type of item 1.</typeparam>
/// <typeparam name="T2">The type of item 2.</typeparam>
/// <typeparam name="T3">The type of item 3.</typeparam>
/// <typeparam name="T4">The type of item 4.</typeparam>
/// <typeparam name="T5">The type of item 5.</typeparam>
/// <typeparam name="T6">The type of item 6.</typeparam>
/// <typeparam name="T7">The type of item 7.</typeparam>
/// <typeparam name="T1Codec">The codec of item 1.</typeparam>
/// <typeparam name="T2Codec">The codec of item 2.</typeparam>
/// <typeparam name="T3Codec">The codec of item 3.</typeparam>
/// <typeparam name="T4Codec">The codec of item 4.</typeparam>
/// <typeparam name="T5Codec">The codec of item 5.</typeparam>
/// <typeparam name="T6Codec">The codec of item 6.</typeparam>
/// <typeparam name="T7Codec">The codec of item 7.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct ValueTupleCodec<T1, T2, T3, T4, T5, T6, T7, T1Codec, T2Codec, T3Codec, T4Codec, T5Codec, T6Codec, T7Codec> : IValueCodec<(T1, T2, T3, T4, T5, T6, T7)>
    where T1Codec : struct, IValueCodec<T1>
    where T2Codec : struct, IValueCodec<T2>
    where T3Codec : struct, IValueCodec<T3>
    where T4Codec : struct, IValueCodec<T4>
    where T5Codec : struct, IValueCodec<T5>
    where T6Codec : struct, IValueCodec<T6>
    where T7Codec : struct, IValueCodec<T7>
{
    /// <inheritdoc/>
    public WireType WireType => WireType.Object;

    /// <inheritdoc/>
    public bool IsImmutable => default(T1Codec).IsImmutable && default(T2Codec).IsImmutable && default(T3Codec).IsImmutable && default(T4Codec).IsImmutable && default(T5Codec).IsImmutable && default(T6Codec).IsImmutable && default(T7Codec).IsImmutable;

    /// <inheritdoc/>
    public void Write(MessageWriter writer, (T1, T2, T3, T4, T5, T6, T7) value)
    {
        writer.BeginObject();
        writer.WriteField<T1, T1Codec>(0, value.Item1);
        writer.WriteField<T2, T2Codec>(1, value.Item2);
        writer.WriteField<T3, T3Codec>(2, value.Item3);
        writer.WriteField<T4, T4Codec>(3, value.Item4);
        writer.WriteField<T5, T5Codec>(4, value.Item5);
        writer.WriteField<T6, T6Codec>(5, value.Item6);
        writer.WriteField<T7, T7Codec>(6, value.Item7);
        writer.EndObject();
    }

    /// <inheritdoc/>
    public (T1, T2, T3, T4, T5, T6, T7) Read(ref MessageReader reader)
    {
        T1 item1 = default!;
        T2 item2 = default!;
        T3 item3 = default!;
        T4 item4 = default!;
        T5 item5 = default!;
        T6 item6 = default!;
        T7 item7 = default!;
        if (!reader.BeginObject())
        {
            return default;
        }

        while (reader.ReadField(out var id, out var type))
        {
            switch (id)
            {
                case 0:
                    item1 = reader.ReadValue<T1, T1Codec>(type, id);
                    break;
                case 1:
                    item2 = reader.ReadValue<T2, T2Codec>(type, id);
                    break;
                case 2:
                    item3 = reader.ReadValue<T3, T3Codec>(type, id);
                    break;
                case 3:
                    item4 = reader.ReadValue<T4, T4Codec>(type, id);
                    break;
                case 4:
                    item5 = reader.ReadValue<T5, T5Codec>(type, id);
                    break;
                case 5:
                    item6 = reader.ReadValue<T6, T6Codec>(type, id);
                    break;
                case 6:
                    item7 = reader.ReadValue<T7, T7Codec>(type, id);
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }

        reader.EndObject();
        return (item1, item2, item3, item4, item5, item6, item7);
    }

    /// <inheritdoc/>
    public (T1, T2, T3, T4, T5, T6, T7) Copy((T1, T2, T3, T4, T5, T6, T7) value) => (default(T1Codec).Copy(value.Item1), default(T2Codec).Copy(value.Item2), default(T3Codec).Copy(value.Item3), default(T4Codec).Copy(value.Item4), default(T5Codec).Copy(value.Item5), default(T6Codec).Copy(value.Item6), default(T7Codec).Copy(value.Item7));
}
