package io.headrace.inference.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.headrace.inference.InferenceResult;
import io.headrace.inference.Output;
import io.headrace.inference.remote.testing.ModelServer;
import io.headrace.inference.remote.testing.ModelServer.Answer;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Probabilities are what the server's tokens say, or absent. */
class LabelProbabilityTest extends RemoteTestCase {

    private static final List<String> ALL = List.of("refund", "lost_card", "lost_phone");

    private static Reply.Token token(String text, double probability, Object... others) {
        List<Reply.Alternative> top = new java.util.ArrayList<>();
        top.add(new Reply.Alternative(text, Math.log(probability)));
        for (int i = 0; i < others.length; i += 2) {
            top.add(new Reply.Alternative((String) others[i], Math.log((double) others[i + 1])));
        }
        return new Reply.Token(top.get(0), top);
    }

    private static double probability(double temperature, Reply.Token... tokens) {
        Reply reply = new Reply("", false, Optional.empty(), List.of(tokens), Optional.empty());
        return LabelProbability.of(reply, "lost_card", ALL, temperature);
    }

    @Test
    void isTheShareAmongTokensThatContinueALabel() {
        double found =
                probability(
                        1,
                        token("{\"", 1),
                        token("label", 1),
                        token("\": \"", 0.9, "\":", 0.1),
                        token("lost", 0.5, "refund", 0.25, "weather", 0.2),
                        token("_", 1),
                        token("card", 0.6, "phone", 0.2, "keys", 0.2),
                        token("\"}", 1));
        assertThat(found).isCloseTo(0.5 / 0.75 * 0.6 / 0.8, within(1e-12));
    }

    @Test
    void countsOtherWaysToWriteTheSameLabel() {
        double found =
                probability(
                        1,
                        token("{\"label\":\"", 1),
                        token("lost_card", 0.4, "lost_c", 0.3, "re", 0.3),
                        token("\"}", 1));
        assertThat(found).isCloseTo(0.7, within(1e-12));
    }

    @Test
    void isMadeLessSureByATemperature() {
        Reply.Token open = token("{\"label\":\"", 1);
        Reply.Token choice = token("lost_card", 0.8, "refund", 0.2);
        assertThat(probability(1, open, choice, token("\"}", 1))).isCloseTo(0.8, within(1e-12));
        assertThat(probability(2, open, choice, token("\"}", 1)))
                .isCloseTo(2.0 / 3, within(1e-12)); // square roots: 2 to 1
    }

    @Test
    void isAbsentWhereTheModelWantedToSaySomethingElse() {
        Reply.Token begin = token("{\"label\":\"", 1);
        Reply.Token forced =
                new Reply.Token(
                        new Reply.Alternative("lost", Math.log(0.001)),
                        List.of(
                                new Reply.Alternative("tonight", Math.log(0.5)),
                                new Reply.Alternative("I", Math.log(0.002))));
        Reply.Token rest = token("_card\"}", 1);
        assertThat(probability(1, begin, forced, rest)).isNaN();
        // Where only one label is left, what the model wanted does not matter.
        Reply.Token end =
                new Reply.Token(
                        new Reply.Alternative("ard\"}", Math.log(0.001)),
                        List.of(new Reply.Alternative("at", Math.log(0.9))));
        assertThat(probability(1, begin, token("lost_c", 0.6, "refund", 0.2), end))
                .isCloseTo(0.75, within(1e-12));
    }

    @Test
    void isAbsentWhereTheTokensDoNotSpellTheAnswer() {
        assertThat(probability(1)).isNaN();
        assertThat(probability(1, token("{\"label\":\"refund\"}", 1))).isNaN();
    }

    @Test
    void makesYesAndNoADistribution() throws Exception {
        open(options(Endpoint.Api.OPENAI));
        server.setScript(
                asked -> {
                    ObjectNode body = ModelServer.openAi(asked, ModelServer.label("no"));
                    ArrayNode tokens =
                            ((ObjectNode) body.at("/choices/0"))
                                    .putObject("logprobs")
                                    .putArray("content");
                    tokens.addObject().put("token", "{\"label\":\"").put("logprob", 0);
                    ObjectNode no =
                            tokens.addObject().put("token", "no").put("logprob", Math.log(0.6));
                    no.putArray("top_logprobs")
                            .addObject()
                            .put("token", "yes")
                            .put("logprob", Math.log(0.2));
                    tokens.addObject().put("token", "\"}").put("logprob", 0);
                    return Answer.of(200, body.toString());
                });
        InferenceResult.Scores scores =
                (InferenceResult.Scores) ask(new Output.Labels(List.of("yes", "no")));
        assertThat(scores.probabilities().get(0)).isCloseTo(0.25, within(1e-12));
        assertThat(scores.probabilities().get(1)).isCloseTo(0.75, within(1e-12));
    }
}
