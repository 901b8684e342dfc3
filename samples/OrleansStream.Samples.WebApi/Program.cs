using OrleansStream.Client;
using OrleansStream.Samples.WebApi;

var builder = WebApplication.CreateBuilder(args);

// Gateways of the brokers: Bootstrap in appsettings.json, or the environment variable OrleansStream__Bootstrap__0.
builder.Services.Configure<OrleansStreamClientOptions>(builder.Configuration.GetSection("OrleansStream"));
builder.Services.AddOrleansStreamClient()
    .AddProducer<string, OrderPlaced>()
    .AddConsumer<string, OrderPlaced>()
    .AddHealthCheck();
builder.Services.AddSingleton<OrderTotals>();
builder.Services.AddHostedService<OrderTotalsService>();

var app = builder.Build();

// Answers when the order is on stable storage. Orders of one customer share a partition, so they stay in order.
app.MapPost("/orders", async (OrderPlaced order, IProducer<string, OrderPlaced> orders, CancellationToken cancellationToken) =>
{
    try
    {
        var delivery = await orders.ProduceAsync(Topics.Orders, order.Customer, order, cancellationToken);
        return Results.Accepted($"/orders/{delivery.Partition}/{delivery.Offset}", new { delivery.Partition, delivery.Offset, delivery.Timestamp });
    }
    catch (OrleansStreamException exception)
    {
        var status = exception.IsRetriable ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status400BadRequest;
        return Results.Problem(exception.Message, statusCode: status);
    }
});

// What the consumer has made of the orders so far.
app.MapGet("/totals", (OrderTotals totals) => totals.Snapshot());
app.MapHealthChecks("/health");

await app.RunAsync();
