using System.Runtime.InteropServices;
using OrleansStream.Cli.Invocation;

// Ctrl-C and SIGTERM ask the command to end in order; a second one ends the process at once. Two that come together are
// one: `timeout` signals the process and its group.
var environment = CommandEnvironment.ForProcess();
using var cancellation = new CancellationTokenSource();
long? firstSignal = null;
void OnSignal(PosixSignalContext context)
{
    firstSignal ??= environment.Time.GetTimestamp();
    context.Cancel = environment.Time.GetElapsedTime(firstSignal.Value) < TimeSpan.FromMilliseconds(500);
    cancellation.Cancel();
}

using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
return await CommandRunner.RunAsync(args, environment, cancellation.Token).ConfigureAwait(false);
