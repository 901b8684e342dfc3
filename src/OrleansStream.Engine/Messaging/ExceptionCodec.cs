using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.ExceptionServices;
using Orleans.Serialization;
using OrleansStream.Engine.CodeGeneration;

namespace OrleansStream.Engine.Messaging;

/// <summary>
/// Exceptions on the wire: type name, message, stack, inner exceptions. An exception comes back as its own type when that type is
/// loaded here and has a constructor for message and inner exception, or for a message; else as
/// <see cref="UnavailableExceptionFallbackException"/>, as in Orleans.
/// </summary>
internal static class ExceptionCodec
{
    private const int MaxDepth = 16;
    private const int MaxTextLength = 64 * 1024;

    private static readonly ConcurrentDictionary<string, Func<string, Exception?, Exception>?> Constructors = new(StringComparer.Ordinal);

    public static void Write(MessageWriter writer, Exception exception) => Write(writer, exception, MaxDepth);

    public static Exception Read(ref MessageReader reader) => Read(ref reader, MaxDepth);

    private static void Write(MessageWriter writer, Exception exception, int depth)
    {
        // A fallback exception keeps the name of the type that it stands for.
        var typeName = (exception as UnavailableExceptionFallbackException)?.ExceptionType ?? $"{exception.GetType().FullName}, {exception.GetType().Assembly.GetName().Name}";
        writer.WriteString(typeName);
        writer.WriteString(Shorten((exception as AggregateException)?.GetBaseMessage() ?? exception.Message));
        writer.WriteString(Shorten(exception.StackTrace));
        IReadOnlyList<Exception> inner = depth == 0
            ? []
            : exception is AggregateException aggregate ? aggregate.InnerExceptions : exception.InnerException is { } single ? [single] : [];
        writer.WriteVarUInt32((uint)Math.Min(inner.Count, MaxDepth));
        for (var i = 0; i < inner.Count && i < MaxDepth; i++)
        {
            Write(writer, inner[i], depth - 1);
        }
    }

    private static Exception Read(ref MessageReader reader, int depth)
    {
        var typeName = reader.ReadString() ?? string.Empty;
        var message = reader.ReadString() ?? string.Empty;
        var stack = reader.ReadString();
        var count = reader.ReadVarUInt32();
        if (count > MaxDepth || depth < 0)
        {
            throw reader.Malformed("an exception with too many inner exceptions");
        }

        var inner = new Exception[count];
        for (var i = 0; i < count; i++)
        {
            inner[i] = Read(ref reader, depth - 1);
        }

        var exception = Create(typeName, message, inner);
        if (!string.IsNullOrEmpty(stack))
        {
            ExceptionDispatchInfo.SetRemoteStackTrace(exception, stack);
        }

        return exception;
    }

    private static Exception Create(string typeName, string message, Exception[] inner)
    {
        if (typeName.StartsWith("System.AggregateException,", StringComparison.Ordinal))
        {
            return new AggregateException(message, inner);
        }

        var cause = inner.Length > 0 ? inner[0] : null;
        var create = Constructors.GetOrAdd(typeName, FindConstructor);
        return create?.Invoke(message, cause) ?? new UnavailableExceptionFallbackException(typeName, message, cause);
    }

    private static Func<string, Exception?, Exception>? FindConstructor(string typeName)
    {
        var comma = typeName.IndexOf(',');
        var type = comma < 0 ? null : FindLoadedType(typeName[..comma], typeName[(comma + 1)..].Trim());
        if (type is null || type.IsAbstract || !type.IsAssignableTo(typeof(Exception)) || type.ContainsGenericParameters)
        {
            return null;
        }

        const BindingFlags Instance = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;
        if (type.GetConstructor(Instance, [typeof(string), typeof(Exception)]) is { } withCause)
        {
            return (message, cause) => (Exception)withCause.Invoke([message, cause]);
        }

        if (type.GetConstructor(Instance, [typeof(string)]) is { } withMessage
            && withMessage.GetParameters()[0].Name is "message" or "msg")
        {
            return (message, _) => (Exception)withMessage.Invoke([message]);
        }

        return null;
    }

    // Only assemblies that are loaded already: a message must not make this process load code.
    private static Type? FindLoadedType(string fullName, string assemblyName)
        => AppDomain.CurrentDomain.GetAssemblies()
            .FirstOrDefault(assembly => string.Equals(assembly.GetName().Name, assemblyName, StringComparison.Ordinal))
            ?.GetType(fullName, throwOnError: false);

    // AggregateException.Message has the inner messages appended, which would be appended again on the other side.
    private static string GetBaseMessage(this AggregateException exception)
    {
        var message = exception.Message;
        var appended = exception.InnerExceptions.Count > 0 ? message.IndexOf($" ({exception.InnerExceptions[0].Message})", StringComparison.Ordinal) : -1;
        return appended < 0 ? message : message[..appended];
    }

    private static string? Shorten(string? text) => text is { Length: > MaxTextLength } ? text[..MaxTextLength] : text;
}
