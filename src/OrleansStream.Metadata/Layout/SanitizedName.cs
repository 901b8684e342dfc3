using System.Globalization;
using System.Text;

namespace OrleansStream.Metadata.Layout;

/// <summary>Names of users and client ids as Kafka makes nodes of them: URL-encoded, with the exceptions of its Sanitizer.</summary>
internal static class SanitizedName
{
    /// <summary>The node's name: letters, digits, '.', '-' and '_' stay, each other byte of its UTF-8 becomes <c>%XX</c>.</summary>
    public static string Encode(string name)
    {
        var encoded = new StringBuilder(name.Length);
        foreach (var character in Encoding.UTF8.GetBytes(name))
        {
            if (char.IsAsciiLetterOrDigit((char)character) || character is (byte)'.' or (byte)'-' or (byte)'_')
            {
                encoded.Append((char)character);
            }
            else
            {
                encoded.Append(CultureInfo.InvariantCulture, $"%{character:X2}");
            }
        }

        return encoded.ToString();
    }

    /// <summary>The name that a node stands for.</summary>
    public static string Decode(string encoded) => Uri.UnescapeDataString(encoded.Replace('+', ' '));
}
