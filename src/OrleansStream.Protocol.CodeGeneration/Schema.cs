namespace OrleansStream.Protocol.CodeGeneration;

/// <summary>One schema file: an API with its request and response, or a set of stored records.</summary>
internal sealed class Schema
{
    public string Name { get; set; } = "";

    /// <summary>The API key; null for stored data.</summary>
    public int? ApiKey { get; set; }

    /// <summary>The versions that the code reads and writes.</summary>
    public VersionRange Versions { get; set; } = VersionRange.None;

    /// <summary>The versions that ApiVersions shows; differs where a client needs a smaller minimum.</summary>
    public VersionRange Advertised { get; set; } = VersionRange.None;

    /// <summary>The versions with compact lengths and tagged fields (KIP-482).</summary>
    public VersionRange Flexible { get; set; } = VersionRange.None;

    public List<SchemaMessage> Messages { get; } = new List<SchemaMessage>();
}

/// <summary>A request, a response or a stored record.</summary>
internal sealed class SchemaMessage
{
    public SchemaMessage(string className, SchemaMessageKind kind)
    {
        ClassName = className;
        Kind = kind;
    }

    public string ClassName { get; }

    public SchemaMessageKind Kind { get; }

    public List<SchemaField> Fields { get; } = new List<SchemaField>();
}

internal enum SchemaMessageKind
{
    Request,
    Response,
    Data,
}

/// <summary>One field of a message or structure.</summary>
internal sealed class SchemaField
{
    public string Name { get; set; } = "";

    /// <summary>A primitive's name or a structure's.</summary>
    public string Type { get; set; } = "";

    public bool IsArray { get; set; }

    public bool IsStructure => !Primitives.IsPrimitive(Type);

    public VersionRange Versions { get; set; } = VersionRange.All;

    public VersionRange Nullable { get; set; } = VersionRange.None;

    /// <summary>The tag of a tagged field; null for an ordinary one.</summary>
    public int? Tag { get; set; }

    public string? Default { get; set; }

    public List<SchemaField> Fields { get; } = new List<SchemaField>();

    public int Line { get; set; }

    /// <summary>Whether another field reads and writes the same, wherever it stands.</summary>
    public bool IsSameAs(SchemaField other)
        => Name == other.Name
            && Type == other.Type
            && IsArray == other.IsArray
            && Versions.Equals(other.Versions)
            && Nullable.Equals(other.Nullable)
            && Tag == other.Tag
            && Default == other.Default
            && Fields.Count == other.Fields.Count
            && Fields.Zip(other.Fields, (left, right) => left.IsSameAs(right)).All(same => same);
}
