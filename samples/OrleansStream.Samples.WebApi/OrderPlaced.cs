namespace OrleansStream.Samples.WebApi;

/// <summary>An event: a customer has placed an order. It is stored as JSON.</summary>
internal sealed record OrderPlaced(string Customer, string Article, decimal Price);

internal static class Topics
{
    public const string Orders = "orders";
}
