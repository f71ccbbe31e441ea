package io.headrace.inference.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headrace.inference.InferenceResult;
import io.headrace.inference.ModelLoadException;
import io.headrace.inference.Output;
import io.headrace.inference.remote.testing.ModelServer;
import io.headrace.inference.remote.testing.ModelServer.Answer;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Answers in the form that llama.cpp's server (0.5.0) gave when it was asked. */
class LlamaServerAnswersTest extends RemoteTestCase {

    private void answers(int status, String body) {
        server.setScript(asked -> Answer.of(status, body));
    }

    private void openModel() {
        open(options(Endpoint.Api.OPENAI));
    }

    @Test
    void aServerThatStillLoadsItsModelIsNotReady() throws Exception {
        answers(
                503,
                "{\"error\":{\"message\":\"Loading"
                        + " model\",\"type\":\"unavailable_error\",\"code\":503}}");
        RemoteOptions unnamed =
                RemoteOptions.of(Endpoint.of(Endpoint.Api.OPENAI, server.url(), ""));
        assertThatThrownBy(() -> open(unnamed))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining(
                        "is not ready yet; try again when it is (503: Loading model)");
        assertThatThrownBy(() -> ServerCheck.check(unnamed))
                .hasMessageContaining("is not ready yet");
        openModel();
        assertThat(ask(TEXT))
                .isInstanceOfSatisfying(
                        InferenceResult.Failed.class,
                        failed -> {
                            assertThat(failed.errorClass()).isEqualTo("ServerError");
                            assertThat(failed.reason()).contains("503: Loading model");
                        });
    }

    @Test
    void aWrongKeyIsDeniedAccess() throws Exception {
        answers(
                401,
                "{\"error\":{\"message\":\"Invalid API"
                        + " Key\",\"type\":\"authentication_error\",\"code\":401}}");
        openModel();
        assertThat(ask(TEXT))
                .isInstanceOfSatisfying(
                        InferenceResult.Failed.class,
                        failed -> assertThat(failed.errorClass()).isEqualTo("Access"));
    }

    @Test
    void aPromptThatIsTooLongIsRejectedWithTheServersCount() throws Exception {
        answers(
                400,
                "{\"error\":{\"code\":400,\"message\":\"request (6004 tokens) exceeds the available"
                        + " context size (2048 tokens), try increasing"
                        + " it\",\"type\":\"exceed_context_size_error\",\"n_prompt_tokens\":6004,\"n_ctx\":2048}}");
        openModel();
        assertThat(ask(NUMBER))
                .isInstanceOfSatisfying(
                        InferenceResult.Rejected.class,
                        rejected -> assertThat(rejected.reason()).contains("6004 tokens"));
    }

    @Test
    void aSchemaThatItDoesNotUnderstandIsLeftOut() throws Exception {
        server.setScript(
                asked ->
                        asked.schema().isMissingNode()
                                ? ModelServer.completion(asked, "{\"people\":3}")
                                : Answer.of(
                                        400,
                                        "{\"error\":{\"code\":400,\"message\":\"Unable to generate"
                                                + " parser for this template. Automatic parser"
                                                + " generation failed: JSON schema error at #:"
                                                + " unrecognized type"
                                                + " nonsense\",\"type\":\"invalid_request_error\"}}"));
        openModel();
        assertThat(ask(NUMBER)).isInstanceOf(InferenceResult.Generated.class);
    }

    /** Its probabilities are from before the grammar's mask, and may show no label at all. */
    @Test
    void aLabelThatTheModelDidNotWantHasNoProbability() throws Exception {
        answers(
                200,
                """
                {"choices":[{"finish_reason":"stop","index":0,"message":{"role":"assistant",\
                "content":"{\\"label\\":\\"refund\\"}"},"logprobs":{"content":[\
                {"id":1,"token":"{\\"label\\":\\"","bytes":[123],"logprob":-8.14,"top_logprobs":[\
                {"id":607,"token":"lost","bytes":[108],"logprob":-2.21}]},\
                {"id":2,"token":"r","bytes":[114],"logprob":-6.57,"top_logprobs":[\
                {"id":3,"token":"tonight","bytes":[116],"logprob":-3.13},\
                {"id":4,"token":"G","bytes":[71],"logprob":-3.65}]},\
                {"id":5,"token":"efund\\"}","bytes":[101],"logprob":-2.05,"top_logprobs":[]}]}}],\
                "usage":{"completion_tokens":10,"prompt_tokens":28,"total_tokens":38,\
                "prompt_tokens_details":{"cached_tokens":27}}}""");
        openModel();
        InferenceResult.Chosen chosen =
                (InferenceResult.Chosen)
                        ask(new Output.Labels(List.of("refund", "lost_card", "praise")));
        assertThat(chosen.label()).isZero();
        assertThat(chosen.probability()).isNaN();
        assertThat(chosen.usage().cachedTokens()).isEqualTo(27);
    }
}
