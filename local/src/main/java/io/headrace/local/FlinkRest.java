package io.headrace.local;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Asks a starting cluster how many TaskManagers have registered. */
final class FlinkRest {

    private static final Pattern TASK_MANAGERS = Pattern.compile("\"taskmanagers\":(\\d+)");

    private final HttpClient client = HttpClient.newHttpClient();
    private final URI overview;

    FlinkRest(String url) {
        overview = URI.create(url + "/overview");
    }

    /** Returns the number of registered TaskManagers, or -1 while nobody answers. */
    int taskManagers() {
        HttpRequest request =
                HttpRequest.newBuilder(overview).timeout(Duration.ofSeconds(10)).build();
        try {
            String body = client.send(request, HttpResponse.BodyHandlers.ofString()).body();
            Matcher matcher = TASK_MANAGERS.matcher(body);
            return matcher.find() ? Integer.parseInt(matcher.group(1)) : -1;
        } catch (IOException e) {
            return -1;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ServerStartException("The wait for Flink was interrupted.", e);
        }
    }
}
