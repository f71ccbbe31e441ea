package io.headrace.sql;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.apache.flink.table.api.TableEnvironment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each refusal of a model or a module says what to write instead. */
class WrongOptionsTest {

    private static final String CLASSIFY = "'path' = 'm.gguf', 'task' = 'classify'";

    private static void plan(String output, String options) {
        TableEnvironment session = Sql.streaming();
        Sql.messages(session, "hello");
        session.executeSql(
                "CREATE MODEL m INPUT (body STRING) OUTPUT ("
                        + output
                        + ") WITH ('provider' = 'headrace', "
                        + options
                        + ")");
        session.explainSql("SELECT * FROM ML_PREDICT(TABLE messages, MODEL m, DESCRIPTOR(body))");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            textBlock =
"""
'task' = 'classify', 'labels' = 'a; b'                                  | write 'path' = '/models/model.gguf'
'path' = 'm.gguf'                                                       | option 'task' is missing; write 'task' = 'classify'
'path' = 'm.gguf', 'task' = 'classification'                            | 'task' = 'classification' is unknown; write 'task' = 'classify'
'path' = 'm.gguf', 'task' = 'classify'                                  | write 'labels' = 'refund; lost_card; praise'
'path' = 'm.gguf', 'task' = 'classify', 'labels' = 'a, b'               | with semicolons between them
'path' = 'm.gguf', 'task' = 'classify', 'labels' = 'a; b', 'label.c' = 'x' | is not among 'labels', which are a, b
'path' = 'm.gguf', 'task' = 'classify', 'labels' = 'a_b; a b'           | look the same to the model
'path' = 'm.gguf', 'task' = 'classify', 'labels' = 'a; b', 'abstain-below' = '3' | abstainBelow must be from 0 to 1
'path' = 'm.gguf', 'task' = 'classify', 'labels' = 'a; b', 'abstain-below' = 'low' | 'abstain-below' = 'low' cannot be read; write for instance 'abstain-below' = '0.0'
'path' = 'm.gguf', 'task' = 'classify', 'labels' = 'a; b', 'max-tokens' = '3' | option 'max-tokens' is unknown to 'task' = 'classify'; the options are abstain-below, context-tokens, device, instruction, labels
'path' = 'm.gguf', 'task' = 'classify', 'labels' = 'a; b', 'on-error' = 'dead-letter' | insert the rows WHERE error IS NOT NULL
'path' = 'm.gguf', 'task' = 'classify', 'labels' = 'a; b', 'timeout' = 'soon' | 'timeout' = 'soon' cannot be read; write for instance 'timeout' = '5 min'
'path' = 'm.gguf', 'task' = 'classify', 'labels' = 'a; b', 'max-sequences' = '-1' | 'max-sequences' must be from 0 to 256, not -1
'path' = 'm.gguf', 'task' = 'classify', 'labels' = 'a; b', 'device' = 'gpu' | device must be auto, cpu, cuda, cuda:N, vulkan or vulkan:N
'path' = 'm.gguf', 'task' = 'classify', 'labels' = 'a; b', 'max-attempts' = '0' | 'max-attempts' must be at least 1
'path' = 'm.gguf', 'remote.url' = 'http://h', 'task' = 'summarize' | 'path' cannot stand beside 'remote.url'
'path' = 'm.gguf', 'remote.model' = 'm', 'task' = 'summarize' | 'remote.model' needs 'remote.url'
'remote.url' = 'h:8000', 'task' = 'summarize' | write 'remote.url' = 'http://localhost:8000'
'remote.url' = 'http://h', 'remote.api' = 'cohere', 'task' = 'summarize' | 'remote.api' = 'cohere' is unknown; write 'openai' or 'anthropic'
'remote.url' = 'http://h', 'remote.api' = 'anthropic', 'task' = 'summarize' | option 'remote.model' is missing
'remote.url' = 'http://h', 'remote.api-key' = 'sk-1', 'task' = 'summarize' | 'remote.api-key' must not hold the key itself; write '${env:NAME}'
'remote.url' = 'http://h', 'remote.concurrency' = '0', 'task' = 'summarize' | concurrency must be at least 1, not 0
'path' = 'm.gguf', 'task' = 'extract', 'layout' = 'tight' | 'layout' = 'tight' cannot be read
'remote.url' = 'http://h', 'remote.model' = 'm', 'task' = 'extract', 'layout' = 'compact' | 'layout' = 'compact' is for models in the slot
'remote.url' = 'http://h', 'remote.logprobs' = 'false', 'task' = 'classify', 'labels' = 'a; b', 'abstain-below' = '0.5' | 'abstain-below' needs probabilities
""")
    void ofAModelSayWhatToWrite(String options, String message) {
        assertThatThrownBy(() -> plan("label STRING", options)).hasStackTraceContaining(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            textBlock =
"""
classify  | lable STRING                 | is none that classify gives; write OUTPUT with any of label STRING, probability DOUBLE
classify  | probability FLOAT            | write probability DOUBLE
classify  | label STRING NOT NULL        | leave NOT NULL out
classify  | label STRING, error INT      | write error STRING
extract   | size VARCHAR(3)              | column 'size' of type VARCHAR(3) cannot be extracted; write STRING
extract   | size SMALLINT                | write INT
extract   | data MAP<STRING, STRING>     | write STRING, BOOLEAN, INT
summarize | a STRING, b STRING           | 'summarize' gives one text; write OUTPUT (summary STRING)
summarize | a INT                        | write OUTPUT (summary STRING)
custom    | a STRING                     | 'custom' needs an instruction; write 'instruction'
custom', 'instruction' = 'x', 'language' = 'German | a STRING | option 'language' is unknown to 'task' = 'custom'
summarize', 'instruction' = 'x', 'style' = 'y | a STRING | 'style' cannot stand beside 'instruction'
summarize', 'max-sentences' = '-1 | a STRING | maxSentences must not be negative
extract', 'evidence' = 'true | a INT | write OUTPUT with evidence ROW<`a` ROW<`start` INT, `end` INT>>
extract', 'evidence' = 'true | a INT, evidence STRING | write evidence ROW<`a` ROW<`start` INT, `end` INT>>
""")
    void ofOutputColumnsSayWhatToWrite(String task, String output, String message) {
        String options = "'path' = 'm.gguf', 'task' = '" + task + "'";
        assertThatThrownBy(
                        () ->
                                plan(
                                        output,
                                        task.equals("classify")
                                                ? CLASSIFY + ", 'labels' = 'a; b'"
                                                : options))
                .hasStackTraceContaining(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            textBlock =
"""
'labels' = 'a', 'multi-label' = 'true'                        | label STRING                         | write label ARRAY<ROW<`label` STRING, `probability` DOUBLE>>
'labels' = 'a', 'multi-label' = 'true'                        | label STRING, probability DOUBLE     | write OUTPUT (labels ARRAY<ROW<label STRING, probability DOUBLE>>)
'multi-label' = 'true'                                        | a ARRAY<STRING>                      | 'classify' needs labels
'labels' = 'a', 'multi-label' = 'true', 'abstain-below' = '1' | a ARRAY<STRING>                      | 'abstain-below' cannot stand beside 'multi-label'
'labels' = 'a', 'multi-label' = 'true', 'temperature' = '2'   | a ARRAY<STRING>                      | 'temperature' cannot stand beside 'multi-label'
'labels' = 'a; b', 'threshold' = '0.5'                        | label STRING                         | 'threshold' needs 'multi-label' = 'true'
'labels' = 'a; b', 'examples.c' = 'x'                         | label STRING                         | 'examples.c' has examples of a label that is not among
'labels' = 'a; none of these', 'none-of-these' = 'true'       | label STRING                         | look the same to the model
""")
    void ofClassifyingSayWhatToWrite(String options, String output, String message) {
        assertThatThrownBy(() -> plan(output, CLASSIFY + ", " + options))
                .hasStackTraceContaining(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            textBlock =
"""
{"type":"recrd"}                                                         | the schema is not Avro
["null","int"]                                                             | the schema must be an Avro record
{"type":"record","name":"R","fields":[{"name":"a","type":"int"}]}        | is none that the schema gives; write OUTPUT with any of a INT
{"type":"record","name":"R","fields":[{"name":"n","type":"long"}]}       | write n BIGINT
{"type":"record","name":"R","fields":[{"name":"n","type":{"type":"map","values":"int"}}]} | type map cannot be extracted
""")
    void ofSchemasSayWhatToWrite(String schema, String message) {
        assertThatThrownBy(
                        () ->
                                plan(
                                        "n INT",
                                        "'path' = 'm.gguf', 'task' = 'extract', 'schema' = '"
                                                + schema
                                                + "'"))
                .hasStackTraceContaining(message);
    }

    @Test
    void ofTheModuleSayWhatToWrite() {
        TableEnvironment session = Sql.batch();

        assertThatThrownBy(() -> session.executeSql("LOAD MODULE headrace"))
                .hasStackTraceContaining("write 'path' = '/models/model.gguf'");
        assertThatThrownBy(
                        () ->
                                session.executeSql(
                                        "LOAD MODULE headrace WITH ('path' = 'm', 'model' = 'm')"))
                .hasStackTraceContaining(
                        "option 'model' is unknown to the module; the options are async,"
                                + " context-tokens");
    }
}
