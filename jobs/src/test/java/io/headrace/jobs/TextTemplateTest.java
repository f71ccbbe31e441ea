package io.headrace.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

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
