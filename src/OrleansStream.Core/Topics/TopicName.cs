namespace OrleansStream.Core.Topics;

/// <summary>Kafka's rules for topic names.</summary>
public static class TopicName
{
    /// <summary>The most characters of a name.</summary>
    public const int MaxLength = 249;

    /// <summary>Whether a name is allowed: 1 to 249 of <c>[a-zA-Z0-9._-]</c>, and neither "." nor "..".</summary>
    /// <returns>Success, or <see cref="ErrorCode.InvalidTopicException"/> with the broken rule.</returns>
    public static Outcome Validate(string? name)
        => Problem(name) is { } problem ? Outcome.Failure(ErrorCode.InvalidTopicException, problem) : Outcome.Success;

    /// <summary>
    /// Whether a new name collides with an existing one. Names that differ only in '.' and '_' collide, because metrics write both
    /// as '_'.
    /// </summary>
    /// <returns>Success, or <see cref="ErrorCode.InvalidTopicException"/> naming the topics it collides with.</returns>
    public static Outcome ValidateNoCollision(string name, IEnumerable<string> existing)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(existing);
        if (name.AsSpan().IndexOfAny('.', '_') < 0)
        {
            return Outcome.Success;
        }

        var colliding = existing.Where(other => !string.Equals(other, name, StringComparison.Ordinal) && HasCollision(name, other)).Order(StringComparer.Ordinal).ToArray();
        return colliding.Length == 0
            ? Outcome.Success
            : Outcome.Failure(
                ErrorCode.InvalidTopicException,
                $"Topic '{name}' collides with existing topics: {string.Join(", ", colliding)}; names must differ in more than '.' and '_'.");
    }

    /// <summary>Whether two names are the same once '.' is written as '_'.</summary>
    public static bool HasCollision(string name, string other)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(other);
        if (name.Length != other.Length)
        {
            return false;
        }

        for (var i = 0; i < name.Length; i++)
        {
            if (Unified(name[i]) != Unified(other[i]))
            {
                return false;
            }
        }

        return true;

        static char Unified(char c) => c == '.' ? '_' : c;
    }

    private static string? Problem(string? name)
    {
        if (string.IsNullOrEmpty(name))
        {
            return "Topic name is invalid: the empty string is not allowed.";
        }

        if (name is "." or "..")
        {
            return $"Topic name is invalid: '{name}' is not allowed; \".\" and \"..\" are reserved.";
        }

        var bad = name.AsSpan().IndexOfAnyExcept(AllowedCharacters);
        if (bad >= 0)
        {
            var shown = name.Length > MaxLength ? name[..MaxLength] + "…" : name;
            return $"Topic name is invalid: '{shown}' contains '{name[bad]}' at index {bad}; only ASCII letters, digits, '.', '_' and '-' are allowed.";
        }

        return name.Length > MaxLength
            ? $"Topic name is invalid: the length of '{name}' is {name.Length}, longer than the allowed {MaxLength}."
            : null;
    }

    private static readonly System.Buffers.SearchValues<char> AllowedCharacters =
        System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");
}
