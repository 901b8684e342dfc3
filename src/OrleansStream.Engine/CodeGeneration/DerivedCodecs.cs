using System.Collections.Concurrent;
using System.ComponentModel;
using System.Runtime.CompilerServices;
using Orleans.Serialization;

namespace OrleansStream.Engine.CodeGeneration;

/// <summary>
/// Writes, reads and copies a value whose class derives from the declared one: the class's name goes before its fields.
/// Only classes that registered themselves and that fit the declared class are made, whatever a message names.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class DerivedCodecs
{
    private static readonly ConcurrentDictionary<Type, DerivedCodec> ByType = new();
    private static readonly ConcurrentDictionary<string, DerivedCodec> ByName = new(StringComparer.Ordinal);

    /// <summary>Writes a value whose class derives from the declared one.</summary>
    /// <exception cref="SerializerException">The value's class has no generated serializer.</exception>
    public static void Write(MessageWriter writer, object value)
    {
        ArgumentNullException.ThrowIfNull(value);
        Find(value.GetType()).Write(writer, value);
    }

    /// <summary>Reads an object after <see cref="MessageReader.ReadDerivedName"/> found a class's name before it.</summary>
    public static TBase Read<TBase>(ref MessageReader reader, string name)
        where TBase : class
        => ByName.TryGetValue(name, out var codec) && codec.Type.IsAssignableTo(typeof(TBase))
            ? (TBase)codec.Read(ref reader)
            : throw reader.Malformed($"'{name}' is not the name of a class that derives from {typeof(TBase)} and has a serializer here");

    /// <summary>Copies a value whose class derives from the declared one.</summary>
    /// <exception cref="SerializerException">The value's class has no generated serializer.</exception>
    public static TBase Copy<TBase>(TBase value)
        where TBase : class
        => (TBase)Find(value.GetType()).Copy(value);

    internal static void Register<T>(string name, IValueCodec<T> codec)
        where T : class
    {
        var derived = new DerivedCodec<T>(name, codec);
        ByType[typeof(T)] = derived;
        ByName[name] = derived;
    }

    private static DerivedCodec Find(Type type)
    {
        if (!ByType.TryGetValue(type, out var codec))
        {
            RuntimeHelpers.RunModuleConstructor(type.Module.ModuleHandle);
            if (!ByType.TryGetValue(type, out codec))
            {
                throw new SerializerException($"{type} has no serializer. Mark it with [GenerateSerializer] and its members with [Id].");
            }
        }

        return codec;
    }

    private abstract class DerivedCodec(Type type)
    {
        public Type Type { get; } = type;

        public abstract void Write(MessageWriter writer, object value);

        public abstract object Read(ref MessageReader reader);

        public abstract object Copy(object value);
    }

    private sealed class DerivedCodec<T>(string name, IValueCodec<T> codec) : DerivedCodec(typeof(T))
        where T : class
    {
        public override void Write(MessageWriter writer, object value)
        {
            writer.WriteDerivedName(name);
            codec.Write(writer, (T)value);
        }

        public override object Read(ref MessageReader reader)
            => codec.Read(ref reader) ?? throw reader.Malformed("a derived object is null");

        public override object Copy(object value) => codec.Copy((T)value);
    }
}
