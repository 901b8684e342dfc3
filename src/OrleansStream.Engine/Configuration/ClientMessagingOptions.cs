namespace Orleans.Configuration;

/// <summary>Calls and their messages on a client.</summary>
public class ClientMessagingOptions : MessagingOptions
{
}
