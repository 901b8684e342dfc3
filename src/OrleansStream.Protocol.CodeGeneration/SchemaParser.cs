using System.Globalization;

namespace OrleansStream.Protocol.CodeGeneration;

/// <summary>
/// Reads a schema file. Lines: <c>api KEY NAME</c> or <c>data NAME</c>; <c>versions R</c>; <c>advertised R</c>;
/// <c>flexible R</c>; then blocks <c>request</c>, <c>response</c> or <c>record NAME</c> with one field a line, two more
/// spaces for the fields of a structure: <c>Name type [versions] [nullable[=R]] [tag=N] [default=V]</c>. '#' begins a comment.
/// </summary>
internal sealed class SchemaParser
{
    private readonly Schema _schema = new Schema();
    private readonly List<(int Indent, List<SchemaField> Fields)> _open = new List<(int, List<SchemaField>)>();

    /// <exception cref="SchemaException">The file is not a schema; the exception has the line.</exception>
    public static Schema Parse(string text)
    {
        var parser = new SchemaParser();
        var lines = text.Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            var line = lines[i].Split('#')[0].TrimEnd();
            if (line.Length > 0)
            {
                parser.ReadLine(line, i + 1);
            }
        }

        return parser.Finish(lines.Length);
    }

    private void ReadLine(string line, int number)
    {
        var indent = line.Length - line.TrimStart(' ').Length;
        var words = line.Split(new[] { ' ' }, StringSplitOptions.RemoveEmptyEntries);
        if (indent == 0)
        {
            ReadDirective(words, number);
        }
        else
        {
            ReadField(indent, words, number);
        }
    }

    private void ReadDirective(string[] words, int number)
    {
        switch (words[0])
        {
            case "api" when words.Length == 3:
                _schema.ApiKey = Number(words[1], number);
                _schema.Name = words[2];
                break;
            case "data" when words.Length == 2:
                _schema.Name = words[1];
                break;
            case "versions" when words.Length == 2:
                _schema.Versions = Range(words[1], number);
                break;
            case "advertised" when words.Length == 2:
                _schema.Advertised = Range(words[1], number);
                break;
            case "flexible" when words.Length == 2:
                _schema.Flexible = words[1] == "none" ? VersionRange.None : Range(words[1], number);
                break;
            case "request" when words.Length == 1:
                Open(_schema.Name + "Request", SchemaMessageKind.Request);
                break;
            case "response" when words.Length == 1:
                Open(_schema.Name + "Response", SchemaMessageKind.Response);
                break;
            case "record" when words.Length == 2:
                Open(words[1], SchemaMessageKind.Data);
                break;
            default:
                throw new SchemaException($"'{string.Join(" ", words)}' is not a directive; expected api, data, versions, advertised, flexible, request, response or record.", number);
        }
    }

    private void Open(string className, SchemaMessageKind kind)
    {
        var message = new SchemaMessage(className, kind);
        _schema.Messages.Add(message);
        _open.Clear();
        _open.Add((0, message.Fields));
    }

    private void ReadField(int indent, string[] words, int number)
    {
        if (_open.Count == 0 || words.Length < 2)
        {
            throw new SchemaException("A field stands in a block and is 'Name type …'.", number);
        }

        while (_open.Count > 1 && _open[_open.Count - 1].Indent >= indent)
        {
            _open.RemoveAt(_open.Count - 1);
        }

        var isArray = words[1].StartsWith("[]", StringComparison.Ordinal);
        var field = new SchemaField
        {
            Name = words[0],
            Type = isArray ? words[1].Substring(2) : words[1],
            IsArray = isArray,
            Line = number,
        };
        foreach (var word in words.Skip(2))
        {
            ReadAttribute(field, word, number);
        }

        var parent = _open[_open.Count - 1];
        if (parent.Fields.Any(other => other.Name == field.Name))
        {
            throw new SchemaException($"'{field.Name}' stands here twice.", number);
        }

        parent.Fields.Add(field);
        if (field.IsStructure)
        {
            _open.Add((indent, field.Fields));
        }
    }

    private static void ReadAttribute(SchemaField field, string word, int number)
    {
        if (word == "nullable")
        {
            field.Nullable = VersionRange.All;
        }
        else if (word.StartsWith("nullable=", StringComparison.Ordinal))
        {
            field.Nullable = Range(word.Substring(9), number);
        }
        else if (word.StartsWith("tag=", StringComparison.Ordinal))
        {
            field.Tag = Number(word.Substring(4), number);
        }
        else if (word.StartsWith("default=", StringComparison.Ordinal))
        {
            field.Default = word.Substring(8);
        }
        else
        {
            field.Versions = Range(word, number);
        }
    }

    private Schema Finish(int lastLine)
    {
        if (_schema.Name.Length == 0 || _schema.Versions.IsEmpty || _schema.Messages.Count == 0)
        {
            throw new SchemaException("A schema has a name, versions and at least one block.", lastLine);
        }

        if (_schema.Advertised.IsEmpty)
        {
            _schema.Advertised = _schema.Versions;
        }

        foreach (var message in _schema.Messages)
        {
            Check(message.Fields, message.ClassName);
            CheckStructures(message.Fields, new Dictionary<string, SchemaField>(StringComparer.Ordinal));
        }

        return _schema;
    }

    private void Check(List<SchemaField> fields, string owner)
    {
        foreach (var field in fields)
        {
            if (field.IsStructure && field.Fields.Count == 0
                && fields.Find(other => other.Type == field.Type && other.Fields.Count > 0) is { } definition)
            {
                // The second field of a type refers to the first one's structure.
                field.Fields.AddRange(definition.Fields);
            }

            if (field.IsStructure && field.Fields.Count == 0)
            {
                throw new SchemaException($"{owner}.{field.Name} has the type '{field.Type}', which is neither a primitive nor a structure with fields.", field.Line);
            }

            if (field.Tag is not null && !_schema.Flexible.Contains(field.Versions.Intersect(_schema.Versions)))
            {
                throw new SchemaException($"{owner}.{field.Name} is tagged in versions that are not flexible.", field.Line);
            }

            if (field.Name == field.Type)
            {
                throw new SchemaException($"{owner}.{field.Name} has the same name as its type.", field.Line);
            }

            Check(field.Fields, field.Type);
        }
    }

    /// <summary>A message has one class for each name of a structure, so structures of one name must be one and the same.</summary>
    private static void CheckStructures(List<SchemaField> fields, Dictionary<string, SchemaField> known)
    {
        foreach (var field in fields.Where(field => field.IsStructure))
        {
            if (!known.TryGetValue(field.Type, out var first))
            {
                known.Add(field.Type, field);
                CheckStructures(field.Fields, known);
            }
            else if (!SameFields(first.Fields, field.Fields))
            {
                throw new SchemaException($"The structure '{field.Type}' has other fields here than in line {first.Line}; a message has one structure of a name.", field.Line);
            }
        }
    }

    private static bool SameFields(List<SchemaField> one, List<SchemaField> other)
        => one.Count == other.Count && one.Zip(other, (left, right) => left.IsSameAs(right)).All(same => same);

    private static int Number(string text, int line)
        => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw new SchemaException($"'{text}' is not a number.", line);

    private static VersionRange Range(string text, int line)
        => VersionRange.TryParse(text, out var range)
            ? range
            : throw new SchemaException($"'{text}' is neither a range of versions (3-9, 7+, 4) nor a known attribute.", line);
}
