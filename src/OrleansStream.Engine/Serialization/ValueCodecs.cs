using System.Collections.Concurrent;
using System.ComponentModel;
using System.Runtime.CompilerServices;
using Orleans.Runtime;

namespace OrleansStream.Engine.CodeGeneration;

/// <summary>
/// Finds the codec of a type; built-in ones are composed on demand, generated ones register themselves. Generated code
/// composes the codecs that it needs at compile time and comes here only for types of other assemblies.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class ValueCodecs
{
    private static readonly ConcurrentDictionary<Type, object> Registered = new();
    private static readonly ConcurrentDictionary<Type, Type> RegisteredGenerics = new();

    /// <summary>The codec of <typeparamref name="T"/>.</summary>
    /// <exception cref="InvalidOperationException">The type has none; the message names it and says to add [GenerateSerializer].</exception>
    public static IValueCodec<T> Get<T>() => Slot<T>.Codec ?? Resolve<T>();

    /// <summary>Registers a codec.</summary>
    internal static void Register<T>(IValueCodec<T> codec)
    {
        ArgumentNullException.ThrowIfNull(codec);
        Registered[typeof(T)] = codec;
        Slot<T>.Codec = codec;
    }

    /// <summary>
    /// Registers a generic type, open, with its generic codec, open: the codec has the type's parameters and after them
    /// one codec for each.
    /// </summary>
    internal static void RegisterGeneric(Type type, Type codec) => RegisteredGenerics[type] = codec;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static IValueCodec<T> Resolve<T>()
    {
        var codec = (IValueCodec<T>)(FindRegistered(typeof(T)) ?? Activator.CreateInstance(CodecType(typeof(T)))!);
        return Interlocked.CompareExchange(ref Slot<T>.Codec, codec, null) ?? codec;
    }

    private static object? FindRegistered(Type type)
    {
        if (Registered.TryGetValue(type, out var codec))
        {
            return codec;
        }

        // The type's assembly registers its codecs when it is first used, and this may be the first use of it.
        RuntimeHelpers.RunModuleConstructor(type.Module.ModuleHandle);
        return Registered.GetValueOrDefault(type);
    }

    // The struct that is the codec of the type, to be composed into others.
    private static Type CodecType(Type type)
    {
        if (FindRegistered(type) is { } registered)
        {
            return registered.GetType().IsValueType ? registered.GetType() : typeof(RegisteredCodec<>).MakeGenericType(type);
        }

        if (BuiltInCodecs.Find(type) is { } builtIn)
        {
            return builtIn;
        }

        if (type.IsEnum)
        {
            var underlying = Enum.GetUnderlyingType(type);
            return typeof(EnumCodec<,,>).MakeGenericType(type, underlying, CodecType(underlying));
        }

        if (type.IsSZArray)
        {
            var element = type.GetElementType()!;
            return typeof(ArrayCodec<,>).MakeGenericType(element, CodecType(element));
        }

        if (type.IsInterface && type.IsAssignableTo(typeof(IAddressable)))
        {
            return typeof(GrainReferenceCodec<>).MakeGenericType(type);
        }

        if (type.IsGenericType)
        {
            var definition = type.GetGenericTypeDefinition();
            var open = BuiltInCodecs.FindGeneric(definition) ?? RegisteredGenerics.GetValueOrDefault(definition);
            if (open is not null)
            {
                var arguments = type.GetGenericArguments();
                return open.MakeGenericType([.. arguments, .. arguments.Select(CodecType)]);
            }
        }

        throw new InvalidOperationException(
            $"{type} has no serializer. Mark it with [GenerateSerializer] and its members with [Id], or use another type.");
    }

    private static class Slot<T>
    {
        public static IValueCodec<T>? Codec;
    }
}
