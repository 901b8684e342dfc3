namespace OrleansStream.Metadata;

/// <summary>ZooKeeper's rules for paths and sizes.</summary>
public static class NodePath
{
    /// <summary>The most bytes of one request, paths and data of all operations of a multi together (ZooKeeper's default <c>jute.maxbuffer</c>).</summary>
    public const int MaxRequestBytes = 0xfffff;

    /// <summary>Demands a valid path: absolute, without empty, "." or ".." parts, control or surrogate characters, or a slash at its end.</summary>
    /// <exception cref="ArgumentException">The path is not valid; the message says where.</exception>
    public static void Validate(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (Check(path) is { } problem)
        {
            throw new ArgumentException($"'{path}' is not a valid path: {problem}.", nameof(path));
        }
    }

    /// <summary>The parent of a valid path other than "/".</summary>
    public static string Parent(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        var slash = path.LastIndexOf('/');
        return slash <= 0 ? "/" : path[..slash];
    }

    /// <summary>The last part of a valid path.</summary>
    public static string Name(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return path[(path.LastIndexOf('/') + 1)..];
    }

    /// <summary>The path of a child.</summary>
    public static string Join(string parent, string name) => parent == "/" ? "/" + name : parent + "/" + name;

    private static string? Check(string path)
    {
        if (path.Length == 0 || path[0] != '/')
        {
            return "it must start with '/'";
        }

        if (path.Length == 1)
        {
            return null;
        }

        if (path[^1] == '/')
        {
            return "it must not end with '/'";
        }

        foreach (var part in path.AsSpan(1).Split('/'))
        {
            switch (path.AsSpan(1)[part])
            {
                case "":
                    return "it has an empty part";
                case "." or "..":
                    return "relative parts are not allowed";
            }
        }

        for (var i = 1; i < path.Length; i++)
        {
            if (path[i] is <= '\u001f' or (>= '\u007f' and <= '\u009f') or (>= '\ud800' and <= '\uf8ff') or >= '\ufff0')
            {
                return $"the character U+{(int)path[i]:X4} at index {i} is not allowed";
            }
        }

        return null;
    }
}
