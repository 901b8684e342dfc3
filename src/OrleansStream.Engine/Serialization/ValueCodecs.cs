using System.ComponentModel;

namespace OrleansStream.Engine.CodeGeneration;

/// <summary>Finds the codec of a type; built-in ones are made on demand, generated ones register themselves.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class ValueCodecs
{
    /// <summary>The codec of <typeparamref name="T"/>.</summary>
    /// <exception cref="InvalidOperationException">The type has none; the message names it and says to add [GenerateSerializer].</exception>
    public static IValueCodec<T> Get<T>() => throw new NotImplementedException();

    internal static void Register<T>(IValueCodec<T> codec) => throw new NotImplementedException();
}
