using System.ComponentModel;
using Orleans;
using Orleans.Runtime;

namespace OrleansStream.Engine.CodeGeneration;

/// <summary>
/// A reference to a grain: an object with the grain's type and key. A grain that passes itself arrives as a reference to it.
/// </summary>
/// <typeparam name="T">The declared grain interface, which the reference has where it arrives.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct GrainReferenceCodec<T> : IValueCodec<T?>
    where T : class, IAddressable
{
    /// <inheritdoc/>
    public WireType WireType => WireType.Object;

    /// <inheritdoc/>
    public bool IsImmutable => false;

    /// <inheritdoc/>
    public void Write(MessageWriter writer, T? value)
    {
        if (value is null)
        {
            writer.WriteNullObject();
            return;
        }

        var id = value.GetGrainId();
        writer.BeginObject();
        writer.WriteField<string?, StringCodec>(0, id.Type.ToString());
        writer.WriteField<ReadOnlyMemory<byte>, ReadOnlyMemoryCodec>(1, id.Key.Value);
        writer.EndObject();
    }

    /// <inheritdoc/>
    public T? Read(ref MessageReader reader)
    {
        if (!reader.BeginObject())
        {
            return null;
        }

        string? type = null;
        byte[] key = [];
        while (reader.ReadField(out var id, out var wireType))
        {
            switch (id)
            {
                case 0:
                    type = reader.ReadValue<string?, StringCodec>(wireType, id);
                    break;
                case 1:
                    key = reader.ReadValue<byte[]?, ByteArrayCodec>(wireType, id) ?? [];
                    break;
                default:
                    reader.Skip(wireType);
                    break;
            }
        }

        reader.EndObject();
        return Resolve(ref reader, type, key);
    }

    /// <inheritdoc/>
    public T? Copy(T? value) => value?.AsReference<T>();

    private static T Resolve(ref MessageReader reader, string? type, byte[] key)
    {
        if (string.IsNullOrEmpty(type))
        {
            throw reader.Malformed("a grain reference has no grain type");
        }

        var runtime = reader.RuntimeContext
            ?? throw new InvalidOperationException("A grain reference can only be read by a silo or a client.");
        return (T)(object)GrainReferenceContext.CreateReference(runtime, GrainId.Create(GrainType.Create(type), new IdSpan(key)), typeof(T));
    }
}
