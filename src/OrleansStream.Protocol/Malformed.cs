using System.Diagnostics.CodeAnalysis;

namespace OrleansStream.Protocol;

/// <summary>Throw helpers: they keep the message formatting out of the hot methods.</summary>
internal static class Malformed
{
    [DoesNotReturn]
    public static void Corrupt(string message) => throw new ProtocolException(ErrorCode.CorruptMessage, message);

    [DoesNotReturn]
    public static void Record(string message) => throw new ProtocolException(ErrorCode.InvalidRecord, message);

    [DoesNotReturn]
    public static void TooLarge(string message) => throw new ProtocolException(ErrorCode.MessageTooLarge, message);
}
