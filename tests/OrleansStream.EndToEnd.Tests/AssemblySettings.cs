// Each test has a broker of its own; more than one at a time would measure the machine, not the broker.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
