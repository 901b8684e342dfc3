using OrleansStream.Faults.Checking;

namespace OrleansStream.Faults.Workload;

/// <summary>A topic, who writes to it at a steady rate and the group that reads along; from its start until it is disposed.</summary>
internal interface IWorkload : IAsyncDisposable
{
    /// <summary>The client's name.</summary>
    string Name { get; }

    /// <summary>What was sent and what became of it.</summary>
    TopicHistory History { get; }

    /// <summary>What the group has committed.</summary>
    GroupAccount Account { get; }

    /// <summary>How often a producer was made anew.</summary>
    int ProducerRestarts { get; }

    /// <summary>Sends no more and waits until everything is acknowledged or has failed.</summary>
    Task StopSendingAsync();
}
