using System.Buffers;
using OrleansStream.Abstractions;
using OrleansStream.Engine.CodeGeneration;
using OrleansStream.Engine.CodeGeneration.Benchmarks;

// What a produce request costs on its way: written (payload by reference), written into a socket's buffer, and read.
// The last column relates it to the copy of the payload alone. Ends with code 1 when more is allocated than allowed.
var codec = ValueCodecs.Get<PartitionProduceRequest>();
var tooMuch = 0;
Console.WriteLine($"{"payload",10}  {"operation",-22}  {"ns/op",10}  {"B/op",8}  {"allowed",8}  {"x copy",7}");
foreach (var size in new[] { 100, 16 * 1024, 1024 * 1024 })
{
    var payload = new byte[size];
    Random.Shared.NextBytes(payload);
    var request = new PartitionProduceRequest(payload, -1, 30_000, null);
    var socket = new ArrayBufferWriter<byte>(size + 1024);
    var message = Write(request);

    var (copy, _) = Measurement.Of(() =>
    {
        socket.ResetWrittenCount();
        socket.Write(payload);
    });
    Report(size, "copy of the payload", copy, 0, 0, copy);
    Measure(size, "write", copy, 0, () =>
    {
        var writer = MessageWriter.Rent();
        codec.Write(writer, request);
        writer.Return();
    });
    Measure(size, "write to a buffer", copy, 0, () =>
    {
        var writer = MessageWriter.Rent();
        codec.Write(writer, request);
        socket.ResetWrittenCount();
        writer.WriteTo(socket);
        writer.Return();
    });
    Measure(size, "read", copy, 48, () =>
    {
        var reader = new MessageReader(message);
        codec.Read(ref reader);
    });
    Measure(size, "copy for a local call", copy, 0, () => codec.Copy(request));
}

return tooMuch == 0 ? 0 : 1;

void Measure(int size, string name, double copy, long allowedBytes, Action operation)
{
    var (nanoseconds, bytes) = Measurement.Of(operation);
    Report(size, name, nanoseconds, bytes, allowedBytes, copy);
    if (bytes > allowedBytes)
    {
        tooMuch++;
        Console.Error.WriteLine($"'{name}' of {size} bytes allocates {bytes} bytes; {allowedBytes} are allowed.");
    }
}

static void Report(int size, string name, double nanoseconds, long bytes, long allowedBytes, double copy)
    => Console.WriteLine($"{size,10}  {name,-22}  {nanoseconds,10:F1}  {bytes,8}  {allowedBytes,8}  {nanoseconds / copy,7:F2}");

static byte[] Write(PartitionProduceRequest request)
{
    var writer = MessageWriter.Rent();
    ValueCodecs.Get<PartitionProduceRequest>().Write(writer, request);
    var bytes = writer.ToArray();
    writer.Return();
    return bytes;
}
