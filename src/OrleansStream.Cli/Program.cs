using System.Runtime.InteropServices;
using OrleansStream.Cli.Invocation;

// Ctrl-C and SIGTERM ask the command to end in order; a second one ends the process at once.
using var cancellation = new CancellationTokenSource();
void OnSignal(PosixSignalContext context)
{
    context.Cancel = !cancellation.IsCancellationRequested;
    cancellation.Cancel();
}

using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
return await CommandRunner.RunAsync(args, CommandEnvironment.ForProcess(), cancellation.Token).ConfigureAwait(false);
