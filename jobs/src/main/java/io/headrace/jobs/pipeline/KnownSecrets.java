package io.headrace.jobs.pipeline;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The secrets that a pipeline file names or holds, to keep them out of what is shown: all that it
 * refers to, the values of properties whose names speak of secrets, what is quoted in such a value,
 * and users in addresses. Immutable.
 */
public final class KnownSecrets {

    private static final String HIDDEN = "••••";

    /** A shorter one would blot out words that have nothing to do with it. */
    private static final int SHORTEST = 4;

    private static final Pattern SECRET_NAME =
            Pattern.compile("(?i)password|secret|token|credential|jaas|user\\.info|key$");

    /** As in a JAAS line, whose other options, a user's name for instance, are no secrets. */
    private static final Pattern QUOTED =
            Pattern.compile("(?i)(?:password|secret|token|key)\\w*\\s*=\\s*[\"']([^\"']+)[\"']");

    private static final Pattern USER_INFO = Pattern.compile("://([^/@]+)@");

    private final List<String> values;

    private KnownSecrets(Collection<String> values) {
        // Long ones first: a secret may be part of another.
        this.values =
                values.stream()
                        .filter(value -> value.length() >= SHORTEST)
                        .distinct()
                        .sorted(Comparator.comparingInt(String::length).reversed())
                        .toList();
    }

    /** Those of a pipeline; references that cannot be followed here are left out. */
    public static KnownSecrets of(Pipeline pipeline) {
        List<String> values = new ArrayList<>();
        if (pipeline.kafka() != null) {
            values.addAll(Secrets.referred(pipeline.kafka().bootstrapServers()));
            addProperties(pipeline.kafka().properties(), values);
        }
        if (pipeline.schemaRegistry() != null) {
            addAddress(pipeline.schemaRegistry().url(), values);
            addProperties(pipeline.schemaRegistry().properties(), values);
        }
        Stream.concat(Stream.of(pipeline.model()), pipeline.models().values().stream())
                .filter(model -> model.remote() != null)
                .forEach(model -> addRemote(model.remote(), values));
        return new KnownSecrets(values);
    }

    private static void addRemote(Remote remote, List<String> values) {
        addAddress(remote.url(), values);
        addSecret(remote.apiKey(), values);
        remote.headers().values().forEach(value -> addSecret(value, values));
    }

    private static void addProperties(Map<String, String> properties, List<String> values) {
        properties.forEach(
                (name, value) -> {
                    if (SECRET_NAME.matcher(name).find()) {
                        addSecret(value, values);
                    } else {
                        values.addAll(Secrets.referred(value));
                    }
                });
    }

    private static void addSecret(String written, List<String> values) {
        values.addAll(Secrets.referred(written));
        values.add(written);
        QUOTED.matcher(written).results().map(KnownSecrets::group).forEach(values::add);
        int colon = written.indexOf(':');
        if (colon >= 0) {
            values.add(written.substring(colon + 1)); // The password of user:password.
        }
    }

    private static void addAddress(String address, List<String> values) {
        values.addAll(Secrets.referred(address));
        USER_INFO
                .matcher(address)
                .results()
                .map(KnownSecrets::group)
                .forEach(user -> addSecret(user, values));
    }

    private static String group(MatchResult match) {
        return match.group(1);
    }

    /** A text without them. */
    public String hide(String text) {
        String hidden = text;
        for (String value : values) {
            hidden = hidden.replace(value, HIDDEN);
        }
        return hidden;
    }
}
