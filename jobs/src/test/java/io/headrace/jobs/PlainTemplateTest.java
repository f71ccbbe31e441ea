package io.headrace.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.hubspot.jinjava.Jinjava;
import com.hubspot.jinjava.JinjavaConfig;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlainTemplateTest {

    private static final Map<String, Object> FIELDS =
            Map.of(
                    "body",
                    "a \"b\" <c>\n {{ body }} {% if %} \\ ü",
                    "n",
                    7,
                    "big",
                    1L << 40,
                    "flag",
                    true,
                    "empty_text",
                    "",
                    "author",
                    Map.of("name", "Ann", "boss", Map.of("name", "Bo")),
                    "tags",
                    List.of("x"),
                    "real",
                    1.5);

    private static Object at(List<String> path) {
        Object value = FIELDS;
        for (String name : path) {
            value = value instanceof Map<?, ?> map ? map.get(name) : null;
        }
        return value;
    }

    private static String jinja(String template) {
        return new Jinjava(
                        JinjavaConfig.newBuilder().withNestedInterpretationEnabled(false).build())
                .render(template, FIELDS);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{{ body }}",
                "{{body}}",
                "\n\n{{ body }}\n\n{{ n }} \n",
                "Subject: {{ author.name }}, {{ author.boss.name }}: {{ body }}!",
                "{{ big }}{{ flag }}{{ empty_text }}.",
                "no values at all",
            })
    void rendersWhatJinjaRenders(String template) {
        assertThat(PlainTemplate.of(template).orElseThrow().render(PlainTemplateTest::at))
                .contains(jinja(template));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{{ body | upper }}",
                "{{- body }}",
                "{{ n + 1 }}",
                "{% if flag %}x{% endif %}",
                "{# note #}{{ body }}",
                "{{ tags[0] }}",
                "{{ true }}",
                "{{ body",
                "\\{{ body }}",
                "{{ 'text' }}",
            })
    void leavesEverythingElseToJinja(String template) {
        assertThat(PlainTemplate.of(template)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"{{ tags }}", "{{ real }}", "{{ author }}", "{{ nowhere }}", "{{ n.x }}"})
    void leavesValuesWithoutAPlainFormToJinja(String template) {
        assertThat(PlainTemplate.of(template).orElseThrow().render(PlainTemplateTest::at))
                .isEmpty();
    }
}
