namespace OrleansStream.SiloHost;

/// <summary>The process was started in a wrong way; the message is the one line that the user sees.</summary>
internal sealed class UsageException(string message) : Exception(message);
