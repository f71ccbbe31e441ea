package io.headrace.benchmarks.sql;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.headrace.inference.Output;
import io.headrace.inference.Prompt;
import io.headrace.operators.task.PromptBudget;
import io.headrace.operators.task.Question;
import io.headrace.operators.task.Step;
import io.headrace.operators.task.Task;
import io.headrace.operators.task.TaskSet;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.functions.AsyncPredictFunction;
import org.apache.flink.table.functions.FunctionContext;

/** Sends each row's prompt to a chat-completions server, with the engine's prompts and outputs. */
public final class ChatPredictFunction extends AsyncPredictFunction {

    private static final long serialVersionUID = 1L;
    private static final ObjectMapper JSON = new ObjectMapper();

    /** The messages of the comparison are far shorter than the context. */
    private static final PromptBudget BUDGET =
            new PromptBudget() {
                @Override
                public int contextTokens() {
                    return 2_048;
                }

                @Override
                public int promptTokens(Question question) {
                    return question.text().length() / 2;
                }
            };

    private final String endpoint;
    private final SqlTask kind;

    private transient HttpClient client;
    private transient TaskSet tasks;
    private transient String systemMessage;

    ChatPredictFunction(String endpoint, SqlTask kind) {
        this.endpoint = endpoint;
        this.kind = kind;
    }

    @Override
    public void open(FunctionContext context) throws Exception {
        super.open(context);
        client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        tasks = TaskSet.of(kind.task());
        systemMessage = tasks.systemMessage();
    }

    @Override
    public CompletableFuture<Collection<RowData>> asyncPredict(RowData row) {
        HttpRequest request =
                HttpRequest.newBuilder(URI.create(endpoint))
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body(row.getString(0) + "")))
                        .build();
        return client.sendAsync(request, HttpResponse.BodyHandlers.ofString())
                .thenApply(response -> List.of(row(response.body())));
    }

    private String body(String text) {
        Task task = tasks.tasks().get(0);
        Question question = ((Step.Ask) task.step(text, List.of(), BUDGET)).questions().get(0);
        Prompt prompt = tasks.prompt(systemMessage, task, question);
        ObjectNode body = JSON.createObjectNode().put("model", "benchmark").put("temperature", 0);
        ArrayNode messages = body.putArray("messages");
        messages.addObject().put("role", "system").put("content", prompt.system());
        messages.addObject().put("role", "user").put("content", String.join("", prompt.user()));
        Output output = question.output();
        if (output instanceof Output.Labels labels) {
            labels.labels().forEach(body.putArray("guided_choice")::add);
        } else if (output instanceof Output.Json json) {
            body.put("max_tokens", json.maxTokens());
            body.set("guided_json", parse(json.schema()));
        } else if (output instanceof Output.Text free) {
            body.put("max_tokens", free.maxTokens());
        }
        return body.toString();
    }

    private RowData row(String response) {
        String content =
                parse(response).get("choices").get(0).get("message").get("content").textValue();
        if (kind == SqlTask.SUMMARIZE) {
            return GenericRowData.of(StringData.fromString(content.strip()));
        }
        JsonNode answer = parse(content);
        if (kind == SqlTask.CLASSIFY) {
            return GenericRowData.of(
                    StringData.fromString(answer.get("label").textValue()),
                    answer.get("probability").doubleValue());
        }
        GenericRowData row = new GenericRowData(SqlTask.FIELDS.size());
        for (int i = 0; i < row.getArity(); i++) {
            row.setField(i, StringData.fromString(answer.get(SqlTask.FIELDS.get(i)).textValue()));
        }
        return row;
    }

    private static JsonNode parse(String json) {
        try {
            return JSON.readTree(json);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }
}
