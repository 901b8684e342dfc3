using System.Text.Encodings.Web;
using System.Text.Json;

namespace OrleansStream.Cli.Terminal;

/// <summary>JSON documents on stdout, one a line, written without reflection.</summary>
internal static class JsonOutput
{
    /// <summary>How all JSON is written: readable text stays readable.</summary>
    public static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes one document and a newline.</summary>
    public static void Write(Stream output, Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            write(writer);
        }

        buffer.WriteByte((byte)'\n');
        output.Write(buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
    }
}
