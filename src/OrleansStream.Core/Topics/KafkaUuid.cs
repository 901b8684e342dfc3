using System.Buffers.Text;

namespace OrleansStream.Core.Topics;

/// <summary>
/// Kafka's text form of an id (KIP-516): the 16 bytes, most significant first, as unpadded URL-safe base64 (22 characters).
/// Topic ids and cluster ids are written so.
/// </summary>
public static class KafkaUuid
{
    private const int EncodedLength = 22;

    /// <summary>The text form.</summary>
    public static string Encode(Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>Reads the text form.</summary>
    public static bool TryDecode(string? text, out Guid id)
    {
        id = Guid.Empty;
        if (text is not { Length: EncodedLength } || !Base64Url.IsValid(text))
        {
            return false;
        }

        Span<byte> bytes = stackalloc byte[18];
        if (!Base64Url.TryDecodeFromChars(text, bytes, out var written) || written != 16)
        {
            return false;
        }

        id = new Guid(bytes[..16], bigEndian: true);
        return true;
    }

    /// <summary>
    /// Whether Kafka would hand out this id: not one of the reserved ones (zero and one), and without a leading '-' in its text form,
    /// which would be taken for an option on a command line.
    /// </summary>
    public static bool IsUsable(Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        var reserved = bytes[..15].IndexOfAnyExcept((byte)0) < 0 && bytes[15] <= 1;
        return !reserved && Encode(id)[0] != '-';
    }
}
