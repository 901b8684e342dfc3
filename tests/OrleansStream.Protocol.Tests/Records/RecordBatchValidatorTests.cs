using OrleansStream.Protocol.Records;

namespace OrleansStream.Protocol.Tests.Records;

public sealed class RecordBatchValidatorTests
{
    private const long Now = 1_700_000_000_000;

    [Fact]
    public void Validate_Accepts_WhatProducersSend()
    {
        Error(Sample()).ShouldBe(ErrorCode.None);
        var idempotent = Sample();
        (idempotent.ProducerId, idempotent.ProducerEpoch, idempotent.BaseSequence) = (5, 0, 0);
        Error(idempotent).ShouldBe(ErrorCode.None);

        // KafkaJS sends no producer id with epoch 0 and sequence 0.
        var javaScript = Sample();
        (javaScript.ProducerId, javaScript.ProducerEpoch, javaScript.BaseSequence) = (-1, 0, 0);
        Error(javaScript).ShouldBe(ErrorCode.None);

        // The base offset is the broker's to set, whatever it is.
        var offset = Sample();
        offset.BaseOffset = -1;
        Error(offset).ShouldBe(ErrorCode.None);
    }

    [Fact]
    public void Validate_NamesTheFault_OfABatchThatAProducerMayNotSend()
    {
        (Action<ReferenceBatch> Break, ErrorCode Code, string Message)[] faults =
        [
            (b => b.RecordCount = 1, ErrorCode.InvalidRecord, "1 records and the last offset delta 1"),
            (b => b.LastOffsetDelta = 5, ErrorCode.InvalidRecord, "last offset delta 5"),
            (b => { b.RecordCount = 0; b.Body = []; }, ErrorCode.InvalidRecord, "at least one record"),
            (b => b.Attributes = 0x20, ErrorCode.InvalidRecord, "control"),
            (b => b.Attributes = 0x40, ErrorCode.InvalidRecord, "delete horizon"),
            (b => b.Attributes = 0x08, ErrorCode.InvalidTimestamp, "LogAppendTime"),
            (b => b.Attributes = 0x10, ErrorCode.InvalidRecord, "transactional"),
            (b => b.Attributes = 0x100, ErrorCode.InvalidRecord, "0x0100"),
            (b => b.Attributes = 6, ErrorCode.UnsupportedCompressionType, "compression type is 6"),
            (b => (b.ProducerId, b.ProducerEpoch, b.BaseSequence) = (5, 0, -1), ErrorCode.InvalidRecord, "base sequence -1"),
            (b => b.Magic = 1, ErrorCode.UnsupportedForMessageFormat, "magic 1"),
        ];
        foreach (var (breakIt, code, message) in faults)
        {
            var batch = Sample();
            breakIt(batch);
            var validation = RecordBatchValidator.Validate(batch.ToArray(), RecordBatchLimits.Default, Now);
            validation.Error.ShouldBe(code, message);
            validation.Message.ShouldNotBeNull().ShouldContain(message);
        }
    }

    [Fact]
    public void Validate_RefusesFraming_ThatIsNotExactlyOneBatch()
    {
        var batch = Sample().ToArray();
        for (var length = 0; length < batch.Length; length++)
        {
            RecordBatchValidator.Validate(batch.AsSpan(0, length), RecordBatchLimits.Default, Now).Error.ShouldBe(ErrorCode.CorruptMessage, $"{length} bytes");
        }

        byte[] two = [.. batch, .. batch];
        var validation = RecordBatchValidator.Validate(two, RecordBatchLimits.Default, Now);
        validation.Error.ShouldBe(ErrorCode.InvalidRecord);
        validation.Message.ShouldNotBeNull().ShouldContain("exactly one batch");

        batch[30] ^= 4;
        validation = RecordBatchValidator.Validate(batch, RecordBatchLimits.Default, Now);
        validation.Error.ShouldBe(ErrorCode.CorruptMessage);
        validation.Message.ShouldNotBeNull().ShouldContain("CRC");
    }

    [Fact]
    public void Validate_NamesTheLimit_WhenTheBatchIsTooLarge()
    {
        var batch = Sample().ToArray();
        RecordBatchValidator.Validate(batch, new RecordBatchLimits { MaxMessageBytes = batch.Length }, Now).IsValid.ShouldBeTrue();
        var validation = RecordBatchValidator.Validate(batch, new RecordBatchLimits { MaxMessageBytes = batch.Length - 1 }, Now);
        validation.Error.ShouldBe(ErrorCode.MessageTooLarge);
        validation.Message.ShouldNotBeNull().ShouldContain($"{batch.Length} bytes; at most {batch.Length - 1}");
    }

    [Theory]
    [InlineData(Now + 1000, true)]
    [InlineData(Now + 1001, false)]
    [InlineData(Now - 2000, true)]
    [InlineData(Now - 2001, false)]
    [InlineData(-1, true)]
    [InlineData(-2, false)]
    [InlineData(long.MaxValue, false)]
    public void Validate_HoldsTimestampsToTheLimits_InEveryRecord(long timestampMs, bool accepted)
    {
        var limits = new RecordBatchLimits { TimestampAfterMaxMs = 1000, TimestampBeforeMaxMs = 2000 };
        var batch = new ReferenceBatch { Records = { ReferenceRecord.Of(Now, "a", "1"), ReferenceRecord.Of(timestampMs, "b", "2") } }.ToArray();
        RecordBatchValidator.Validate(batch, limits, Now).Error.ShouldBe(accepted ? ErrorCode.None : ErrorCode.InvalidTimestamp);
        RecordBatchValidator.Validate(batch, limits with { TimestampType = TimestampType.LogAppendTime }, Now).IsValid.ShouldBeTrue();
    }

    [Fact]
    public void Validate_LooksIntoCompressedRecords_OnlyWhenAsked()
    {
        var plain = new ReferenceBatch { Records = { ReferenceRecord.Of(Now, null, "1") } };
        var writer = new PooledBufferWriter();
        Protocol.Compression.CompressionCodecs.Get(CompressionType.Gzip).Compress([.. plain.EncodeRecords(), 0], writer);
        var batch = new ReferenceBatch { Attributes = 1, BaseTimestamp = Now, MaxTimestamp = Now, RecordCount = 1, Body = writer.WrittenSpan.ToArray() }.ToArray();

        RecordBatchValidator.Validate(batch, RecordBatchLimits.Default, Now).IsValid.ShouldBeTrue();
        var validation = RecordBatchValidator.Validate(batch, new RecordBatchLimits { Inspection = RecordInspection.All }, Now);
        validation.Error.ShouldBe(ErrorCode.InvalidRecord);
        validation.Message.ShouldNotBeNull().ShouldContain("1 bytes follow");
    }

    [Theory]
    [InlineData(CompressionType.None)]
    [InlineData(CompressionType.Zstd)]
    public void Validate_DemandsKeys_ForACompactedTopic(CompressionType type)
    {
        using var builder = new RecordBatchBuilder(type);
        builder.Append(Now, "key"u8, "1"u8);
        builder.Append(Now, null, "2"u8);
        builder.Append(Now, "key"u8, "3"u8);
        builder.Append(Now, null, "4"u8);
        using var batch = builder.Close();
        RecordBatchValidator.Validate(batch.Memory.Span, RecordBatchLimits.Default, Now).IsValid.ShouldBeTrue();
        var validation = RecordBatchValidator.Validate(batch.Memory.Span, new RecordBatchLimits { RequireKeys = true }, Now);
        validation.Error.ShouldBe(ErrorCode.InvalidRecord);
        validation.Message.ShouldNotBeNull().ShouldContain("offset delta 1");
        validation.InvalidRecords.ShouldBe([1, 3]);
    }

    [Fact]
    public void Validate_AcceptsMarkers_OnlyFromTheCoordinator()
    {
        using var marker = new EndTransactionMarker(ControlRecordType.Commit, 3).ToBatch(Now, producerId: 9, producerEpoch: 1);
        RecordBatchValidator.Validate(marker.Memory.Span, RecordBatchLimits.Default, Now).Error.ShouldBe(ErrorCode.InvalidRecord);
        RecordBatchValidator.Validate(marker.Memory.Span, new RecordBatchLimits { AllowControl = true, RequireKeys = true }, Now).IsValid.ShouldBeTrue();
    }

    private static ErrorCode Error(ReferenceBatch batch) => RecordBatchValidator.Validate(batch.ToArray(), RecordBatchLimits.Default, Now).Error;

    private static ReferenceBatch Sample() => new() { Records = { ReferenceRecord.Of(Now, "a", "1"), ReferenceRecord.Of(Now - 5, "b", "2") } };
}
