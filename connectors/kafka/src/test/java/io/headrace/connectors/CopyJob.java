package io.headrace.connectors;

import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** A Flink job on this machine that copies a topic through our source and sink. */
final class CopyJob {

    private static final long CHECKPOINT_MILLIS = 300;

    private CopyJob() {}

    static OutboundRecord copyOf(KafkaRecord record) {
        return new OutboundRecord(
                record.key(), record.value(), record.headers(), record.timestampMillis());
    }

    /** Runs until the source ends. */
    static void run(
            SourceConfig source,
            SinkConfig sink,
            int parallelism,
            MapFunction<KafkaRecord, OutboundRecord> mapper)
            throws Exception {
        Configuration configuration = new Configuration();
        configuration.set(PipelineOptions.GENERIC_TYPES, false);
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, 3);
        StreamExecutionEnvironment environment =
                StreamExecutionEnvironment.createLocalEnvironment(parallelism, configuration);
        environment.enableCheckpointing(CHECKPOINT_MILLIS);
        environment
                .fromSource(KafkaSources.build(source), WatermarkStrategy.noWatermarks(), "source")
                .map(mapper)
                .returns(OutboundRecord.typeInformation())
                .sinkTo(KafkaSinks.build(sink));
        environment.execute("copy");
    }
}
