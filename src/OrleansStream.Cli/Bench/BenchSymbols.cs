using System.CommandLine;
using OrleansStream.Cli.Invocation;
using OrleansStream.Client;

namespace OrleansStream.Cli.Bench;

/// <summary>The options of a measurement on the command line.</summary>
internal sealed class BenchSymbols
{
    private readonly BenchOptions _defaults;
    private readonly bool _consumes;
    private readonly Option<long?> _records;
    private readonly Option<int?> _size;
    private readonly Option<int?> _partitions = OptionValues.AtLeast(
        new Option<int?>("--partitions") { Description = "The number of partitions, if the topic has to be created.", HelpName = "N" }, 1);
    private readonly Option<Acks> _acks = OptionValues.Acks();
    private readonly Option<CompressionType> _compression = OptionValues.Compression();
    private readonly Option<int?> _linger = OptionValues.LingerMs();
    private readonly Option<int?> _batchSize = OptionValues.BatchSize();
    private readonly Option<int?> _rate;
    private readonly Option<int?> _duration;
    private readonly Option<int?> _warmup = OptionValues.AtLeast(
        new Option<int?>("--warmup") { Description = "Records that are sent first and not counted.", HelpName = "N" }, 0);
    private readonly Option<int?> _brokerPid = OptionValues.AtLeast(
        new Option<int?>("--broker-pid") { Description = "The broker's process, to report its CPU time; a broker on this machine is found without it.", HelpName = "PID" }, 1);

    /// <summary>The options with the defaults of one measurement.</summary>
    /// <param name="defaults">What holds for options that are not given.</param>
    /// <param name="consumes">Whether nothing is produced, so that the producer's options are left out.</param>
    public BenchSymbols(BenchOptions defaults, bool consumes)
    {
        _defaults = defaults;
        _consumes = consumes;
        _records = OptionValues.AtLeast(
            new Option<long?>("--records") { Description = Default("The number of records", defaults.Records), HelpName = "N" }, 1L);
        _size = OptionValues.AtLeast(
            new Option<int?>("--size") { Description = Default("Bytes of a record's value", defaults.Size), HelpName = "BYTES" }, 1);
        _rate = OptionValues.AtLeast(
            new Option<int?>("--rate") { Description = Default("Records a second", defaults.Rate, "as fast as they are taken"), HelpName = "N" }, 1);
        _duration = OptionValues.AtLeast(
            new Option<int?>("--duration") { Description = Default("Seconds to send for", (long?)defaults.Duration?.TotalSeconds, "until --records are sent"), HelpName = "S" }, 1);
    }

    /// <summary>Adds the options to the command.</summary>
    public void AddTo(Command command)
    {
        command.Add(_records);
        command.Add(_brokerPid);
        if (_consumes)
        {
            return;
        }

        foreach (var option in new Option[] { _size, _partitions, _acks, _compression, _linger, _batchSize, _rate, _duration, _warmup })
        {
            command.Add(option);
        }
    }

    /// <summary>What the command line says.</summary>
    public BenchOptions Read(ParseResult parse, string topic)
    {
        if (_consumes)
        {
            return _defaults with { Topic = topic, Records = parse.GetValue(_records), BrokerPid = parse.GetValue(_brokerPid) };
        }

        var records = parse.GetValue(_records);
        var duration = parse.GetValue(_duration) is { } seconds ? TimeSpan.FromSeconds(seconds) : (TimeSpan?)null;
        return _defaults with
        {
            Topic = topic,
            // A number or a time alone replaces the default of the other.
            Records = records ?? (duration is null ? _defaults.Records : null),
            Duration = duration ?? (records is null ? _defaults.Duration : null),
            Size = parse.GetValue(_size) ?? _defaults.Size,
            Partitions = parse.GetValue(_partitions),
            Acks = parse.GetValue(_acks),
            Compression = parse.GetValue(_compression),
            LingerMs = parse.GetValue(_linger),
            BatchSize = parse.GetValue(_batchSize),
            Rate = parse.GetValue(_rate) ?? _defaults.Rate,
            Warmup = parse.GetValue(_warmup) ?? 0,
            BrokerPid = parse.GetValue(_brokerPid),
        };
    }

    private static string Default(string description, long? value, string otherwise = "all that there are") =>
        $"{description}; without it {(value is { } number ? Terminal.Quantity.Count(number) : otherwise)}.";
}
