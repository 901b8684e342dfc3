using OrleansStream.Client;
using OrleansStream.Samples.Worker;

var builder = Host.CreateApplicationBuilder(args);

// Gateways of the brokers: Bootstrap in appsettings.json, or the environment variable OrleansStream__Bootstrap__0.
builder.Services.Configure<OrleansStreamClientOptions>(builder.Configuration.GetSection("OrleansStream"));
builder.Services.AddOrleansStreamClient()
    .AddGroupHandler<PaymentHandler, string, string>(options =>
    {
        options.GroupId = "payments-workers";
        options.Topics = ["payments"];
        options.EnsureTopics = [new TopicSpecification("payments", PartitionCount: 6)];

        // Whoever keeps a partition goes on with it while others move.
        options.Assignors = [PartitionAssignors.CooperativeSticky];
    });

await builder.Build().RunAsync();
