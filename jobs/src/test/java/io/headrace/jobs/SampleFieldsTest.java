package io.headrace.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SampleFieldsTest {

    private static final Schema SCHEMA =
            new Schema.Parser()
                    .parse(
                            """
                            {"type":"record","name":"Message","fields":[
                             {"name":"body","type":["null","string"],"default":null},
                             {"name":"count","type":["null","int"],"default":null},
                             {"name":"author","type":["null",{"type":"record","name":"Author",
                               "fields":[
                                {"name":"name","type":["null","string"],"default":null},
                                {"name":"boss","type":["null","Author"],"default":null}]}],
                               "default":null},
                             {"name":"tags","type":{"type":"array","items":"Author"},"default":[]},
                             {"name":"more","type":{"type":"map","values":"string"},"default":{}}
                            ]}""");

    private static String sample(String template) {
        return TextTemplate.parse(template).render(SampleFields.of(SCHEMA));
    }

    /** The values of a record in which everything that may be is null. */
    private static Map<String, Object> nulls() {
        GenericRecord record = new GenericRecordBuilder(SCHEMA).build();
        return new HashMap<>(AvroFields.of(record));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{{ body }} {{ author.name }} {{ author.boss.name }} {{ author.boss.boss.name }}",
                "{% for tag in tags %}{{ tag.name }}{% endfor %}",
                "{% if author %}{{ author.name }}{% endif %}{% if body %}!{% endif %}",
                "{{ count }} {{ tags | length }}"
            })
    void acceptsWhatTheSchemaHasAndRendersItWhereAllIsNull(String template) {
        assertThat(sample(template)).isNotBlank();
        assertThat(TextTemplate.parse(template).render(nulls()).replace("0", "")).isBlank();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{{ subject }}",
                "{{ author.nam }}",
                "{{ author.boss.nam }}",
                "{% for tag in tags %}{{ tag.nam }}{% endfor %}"
            })
    void refusesWhatTheSchemaHasNot(String template) {
        assertThatThrownBy(() -> sample(template)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = "{{ more.anything }}")
    void acceptsAnyKeyOfAMap(String template) {
        assertThat(sample(template)).isEqualTo("text");
    }
}
