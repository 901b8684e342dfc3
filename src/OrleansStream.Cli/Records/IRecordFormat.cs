using OrleansStream.Client;

namespace OrleansStream.Cli.Records;

/// <summary>How a record becomes bytes on stdout.</summary>
internal interface IRecordFormat
{
    /// <summary>Writes one record and its newline.</summary>
    void Write(in ConsumeResult<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?> record);
}
