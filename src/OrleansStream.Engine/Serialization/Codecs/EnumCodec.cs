using System.ComponentModel;
using System.Runtime.CompilerServices;

namespace OrleansStream.Engine.CodeGeneration;

/// <summary>An enum, as its underlying number; numbers without a name are kept.</summary>
/// <typeparam name="TEnum">The enum.</typeparam>
/// <typeparam name="TUnderlying">Its underlying type.</typeparam>
/// <typeparam name="TCodec">The codec of the underlying type.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct EnumCodec<TEnum, TUnderlying, TCodec> : IValueCodec<TEnum>
    where TEnum : struct, Enum
    where TUnderlying : struct
    where TCodec : struct, IValueCodec<TUnderlying>
{
    /// <inheritdoc/>
    public WireType WireType => WireType.Varint;

    /// <inheritdoc/>
    public bool IsImmutable => true;

    /// <inheritdoc/>
    public void Write(MessageWriter writer, TEnum value) => default(TCodec).Write(writer, Unsafe.BitCast<TEnum, TUnderlying>(value));

    /// <inheritdoc/>
    public TEnum Read(ref MessageReader reader) => Unsafe.BitCast<TUnderlying, TEnum>(default(TCodec).Read(ref reader));

    /// <inheritdoc/>
    public TEnum Copy(TEnum value) => value;
}
