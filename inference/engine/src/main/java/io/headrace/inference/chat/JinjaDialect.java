package io.headrace.inference.chat;

import com.hubspot.jinjava.Jinjava;

/** What chat templates use of Jinja that Jinjava spells otherwise. */
final class JinjaDialect {
    private JinjaDialect() {}

    static String adapt(String source) {
        return source;
    }

    static void register(Jinjava jinjava) {}
}
