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
    private readonly Option<int?> _partitions = OptionValues.Number("--partitions", "N", 1, "The number of partitions, if the topic has to be created.");
    private readonly Option<Acks?> _acks = OptionValues.Acks();
    private readonly Option<CompressionType?> _compression = OptionValues.Compression();
    private readonly Option<int?> _linger = OptionValues.LingerMs();
    private readonly Option<int?> _batchSize = OptionValues.BatchSize();
    private readonly Option<int?> _rate;
    private readonly Option<int?> _duration;
    private readonly Option<int?> _warmup = OptionValues.Number("--warmup", "N", 0, "Records that are sent first and not counted.");
    private readonly Option<int?> _brokerPid = OptionValues.Number("--broker-pid", "PID", 1, "The broker's process, to report its CPU time; a broker on this machine is found without it.");

    /// <summary>The options with the defaults of one measurement.</summary>
    /// <param name="defaults">What holds for options that are not given.</param>
    /// <param name="consumes">Whether nothing is produced, so that the producer's options are left out.</param>
    public BenchSymbols(BenchOptions defaults, bool consumes)
    {
        _defaults = defaults;
        _consumes = consumes;
        _records = OptionValues.Number("--records", "N", 1L, Default("The number of records", defaults.Records));
        _size = OptionValues.Number("--size", "BYTES", 1, ProducerOptionsValidator.MaxBatchSize / 2, Default("Bytes of a record's value", defaults.Size));
        _rate = OptionValues.Number("--rate", "N", 1, Default("Records a second", defaults.Rate, "as fast as they are taken"));
        _duration = OptionValues.Number("--duration", "S", 1, Default("Seconds to send for", (long?)defaults.Duration?.TotalSeconds, "until --records are sent"));
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
            Acks = parse.GetValue(_acks) ?? Acks.All,
            Compression = parse.GetValue(_compression) ?? CompressionType.None,
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
