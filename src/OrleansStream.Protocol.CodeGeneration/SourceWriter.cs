using System.Text;

namespace OrleansStream.Protocol.CodeGeneration;

/// <summary>Indented C# text.</summary>
internal sealed class SourceWriter
{
    private readonly StringBuilder _text = new StringBuilder();
    private int _depth;

    public SourceWriter Line(string line = "")
    {
        if (line.Length > 0)
        {
            _text.Append(' ', _depth * 4).Append(line);
        }

        _text.Append('\n');
        return this;
    }

    public SourceWriter Open(string line)
    {
        Line(line).Line("{");
        _depth++;
        return this;
    }

    public SourceWriter Close(string suffix = "")
    {
        _depth--;
        return Line("}" + suffix);
    }

    public override string ToString() => _text.ToString();
}
