package io.headrace.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.util.Utf8;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TextTemplateTest {

    @Test
    void fillsInFields() {
        TextTemplate template =
                TextTemplate.parse(
                        "{{ subject }}\n\n{{ author.name }}{% for tag in tags %} #{{ tag }}{% endfor %}");
        assertThat(
                        template.render(
                                Map.of(
                                        "subject", "Hi",
                                        "author", Map.of("name", "Ann"),
                                        "tags", List.of("a", "b"))))
                .isEqualTo("Hi\n\nAnn #a #b");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{{ subject }}: {{ author.name }} ({{ kind }}, {{ n }})",
                "{{ author.mail }}|{{ tags.a }}|{{ missing_author.name }}",
            })
    void rendersARecordAsItRendersItsFields(String text) {
        Schema schema =
                new Schema.Parser()
                        .parse(
                                """
                                {"type":"record","name":"R","fields":[
                                 {"name":"subject","type":"string"},
                                 {"name":"n","type":"int"},
                                 {"name":"kind","type":
                                   {"type":"enum","name":"Kind","symbols":["NEW","OLD"]}},
                                 {"name":"author","type":{"type":"record","name":"Author","fields":[
                                   {"name":"name","type":"string"},
                                   {"name":"mail","type":["null","string"]}]}},
                                 {"name":"tags","type":{"type":"map","values":"string"}},
                                 {"name":"missing_author","type":["null","Author"]}]}""");
        GenericData.Record author = new GenericData.Record(schema.getField("author").schema());
        author.put("name", new Utf8("Änn"));
        GenericData.Record record = new GenericData.Record(schema);
        record.put("subject", new Utf8("{{ n }} <b>"));
        record.put("n", 7);
        record.put("kind", new GenericData.EnumSymbol(schema.getField("kind").schema(), "OLD"));
        record.put("author", author);
        record.put("tags", Map.of(new Utf8("a"), new Utf8("b")));
        TextTemplate template = TextTemplate.parse(text);

        assertThat(template.render(record)).isEqualTo(template.render(AvroFields.of(record)));
        assertThat(template.render(record)).containsAnyOf("Änn (OLD, 7)", "|b|");
    }

    @Test
    void neverRendersWhatLooksLikeATemplateInAValue() {
        TextTemplate template = TextTemplate.parse("{{ body }}");
        assertThat(template.render(Map.of("body", "{{ 1 + 1 }} {% raw %} {{ secret }}")))
                .isEqualTo("{{ 1 + 1 }} {% raw %} {{ secret }}");
    }

    @Test
    void keepsMarkupAndQuotesAsTheyAre() {
        assertThat(TextTemplate.parse("{{ body }}").render(Map.of("body", "<b>\"it's\" & more")))
                .isEqualTo("<b>\"it's\" & more");
    }

    @Test
    void rendersNullAsNothing() {
        Map<String, Object> fields = new HashMap<>();
        fields.put("subject", null);
        assertThat(TextTemplate.parse("[{{ subject }}]").render(fields)).isEqualTo("[]");
    }

    @Test
    void namesAFieldThatTheRecordHasNot() {
        assertThatThrownBy(() -> TextTemplate.parse("{{ bdy }}").render(Map.of("body", "x")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'bdy'");
    }

    @Test
    void refusesWhatIsNoTemplate() {
        assertThatThrownBy(() -> TextTemplate.parse("{% if subject %}"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no template");
    }
}
