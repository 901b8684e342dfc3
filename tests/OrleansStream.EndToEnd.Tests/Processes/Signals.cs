using System.Diagnostics;
using System.Runtime.InteropServices;

namespace OrleansStream.EndToEnd.Tests.Processes;

/// <summary>POSIX signals, as a shell or a service manager sends them.</summary>
internal static class Signals
{
    private const int Interrupt = 2;
    private const int Terminate = 15;

    public static void SendInterrupt(this Process process) => Send(process, Interrupt);

    public static void SendTerminate(this Process process) => Send(process, Terminate);

    private static void Send(Process process, int signal) =>
        Kill(process.Id, signal).ShouldBe(0, $"signal {signal} to process {process.Id}");

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int Kill(int processId, int signal);
}
