package io.headrace.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headrace.inference.InferenceResult;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What becomes of records that cannot be enriched. */
class FailureHandlingTest extends OperatorTestCase {

    private static final FailurePolicy HASTY =
            FailurePolicy.DEFAULT
                    .withTimeout(Duration.ofSeconds(5))
                    .withMaxAttempts(1)
                    .withBackoff(Duration.ZERO);

    @Test
    void sendsARefusedRecordToTheSideOutputWithItsReason() throws Exception {
        var harness = keyed(perKey());
        harness.processElement("a:huge", 7);
        engine.end(text -> true, new InferenceResult.Rejected("9000 tokens are over the context"));
        runMails(harness);
        assertThat(records(harness)).isEmpty();
        assertThat(failures(harness))
                .containsExactly(
                        new Unenriched<>(
                                "a:huge",
                                new Failure(
                                        Failure.Stage.INFER,
                                        "Rejected",
                                        "intent: 9000 tokens are over the context",
                                        1),
                                Optional.of("digest-1")));
        assertThat(harness.getSideOutput(FAILURES).peek().getTimestamp()).isEqualTo(7);
        assertThat(engine.openRequests()).isZero();
    }

    @Test
    void sendsEmptyTextToTheSideOutputWithoutAskingTheEngine() throws Exception {
        var harness = keyed(perKey());
        harness.processElement("a: \n", 1);
        assertThat(failures(harness)).hasSize(1);
        assertThat(failures(harness).get(0).failure().errorClass()).isEqualTo("EmptyText");
        assertThat(engine.asked()).isEmpty();
    }

    @Test
    void triesAgainAfterAFailureThatCanPass() throws Exception {
        var harness = keyed(perKey());
        harness.setProcessingTime(1_000);
        harness.processElement("a:first", 1);
        engine.end(text -> true, new InferenceResult.Failed("decode failed"));
        runMails(harness);
        assertThat(engine.asked()).hasSize(2);
        harness.setProcessingTime(2_000);
        assertThat(engine.asked()).hasSize(4);
        engine.answer(text -> true);
        runMails(harness);
        assertThat(records(harness)).containsExactly("a:first");
    }

    @Test
    void givesUpAfterTheLastAttempt() throws Exception {
        var harness = keyed(perKey());
        harness.processElement("a:first", 1);
        for (int attempt = 1; attempt <= 3; attempt++) {
            engine.end(text -> true, new InferenceResult.Failed("decode failed"));
            runMails(harness);
            harness.setProcessingTime(attempt * 100_000L);
        }
        assertThat(failures(harness)).hasSize(1);
        assertThat(failures(harness).get(0).failure().attempts()).isEqualTo(3);
        assertThat(failures(harness).get(0).failure().message()).contains("decode failed");
    }

    @Test
    void givesUpARecordThatTakesTooLongAndIgnoresItsLateAnswer() throws Exception {
        var harness = keyed(perKey().withFailurePolicy(HASTY));
        harness.processElement("a:slow", 1);
        harness.processElement("a:next", 2);
        engine.answer("next"::equals);
        runMails(harness);
        harness.setProcessingTime(5_001);
        runMails(harness);
        assertThat(failures(harness)).hasSize(1);
        assertThat(failures(harness).get(0).failure().errorClass()).isEqualTo("Timeout");
        assertThat(engine.openRequests()).isZero();
        assertThat(records(harness)).containsExactly("a:next");
    }

    @Test
    void aTimeoutIsOfOneAttemptAndTheNextMaySucceed() throws Exception {
        var harness = keyed(perKey().withFailurePolicy(HASTY.withMaxAttempts(2)));
        harness.processElement("a:slow", 1);
        harness.setProcessingTime(3_000);
        harness.processElement("b:later", 2);
        harness.setProcessingTime(5_001);
        assertThat(engine.asked())
                .containsExactly("slow", "slow", "later", "later", "slow", "slow");
        engine.answer(text -> true);
        runMails(harness);
        assertThat(records(harness)).containsExactlyInAnyOrder("a:slow", "b:later");
        assertThat(failures(harness)).isEmpty();
    }

    @Test
    void eachAttemptHasItsOwnDeadline() throws Exception {
        var harness = keyed(perKey().withFailurePolicy(HASTY));
        harness.processElement("a:first", 1);
        harness.setProcessingTime(3_000);
        harness.processElement("b:second", 2);
        harness.setProcessingTime(5_001);
        assertThat(failures(harness)).extracting(Unenriched::record).containsExactly("a:first");
        harness.setProcessingTime(8_001);
        assertThat(failures(harness))
                .extracting(Unenriched::record)
                .containsExactly("a:first", "b:second");
    }

    @Test
    void anEngineThatThrowsCountsAsAFailedAttempt() throws Exception {
        var harness = keyed(perKey());
        engine.throwOnSubmit(new IllegalStateException("the engine is broken"));
        harness.processElement("a:first", 1);
        runMails(harness);
        assertThat(failures(harness)).isEmpty();
        engine.throwOnSubmit(null);
        harness.setProcessingTime(1_001);
        engine.answer(text -> true);
        runMails(harness);
        assertThat(records(harness)).containsExactly("a:first");
    }

    @Test
    void aDeadLetterNamesTheModelThatWasAsked() throws Exception {
        var harness = keyed(perKey());
        harness.processElement("a:huge", 7);
        harness.processElement("b: ", 8);
        engine.end(text -> true, new InferenceResult.Rejected("too long"));
        runMails(harness);
        assertThat(failures(harness))
                .extracting(Unenriched::modelDigest)
                .containsExactlyInAnyOrder(Optional.of("digest-1"), Optional.empty());
    }

    @Test
    void failsTheJobForTheKindsThatThePolicyNames() throws Exception {
        FailurePolicy policy = HASTY.withActions(Map.of("Rejected", FailureAction.FAIL_JOB));
        var harness = keyed(perKey().withFailurePolicy(policy));
        harness.processElement("a:first", 1);
        engine.end(text -> true, new InferenceResult.Failed("decode failed"));
        runMails(harness);
        assertThat(failures(harness)).hasSize(1);
        harness.processElement("a:second", 1);
        engine.end(text -> true, new InferenceResult.Rejected("too long"));
        assertThatThrownBy(() -> runMails(harness)).hasStackTraceContaining("intent: too long");
    }

    @Test
    void recordsThatWaitForAnEqualTextShareItsFailure() throws Exception {
        var harness = keyed(perKey());
        harness.processElement("a:same", 1);
        harness.processElement("b:same", 2);
        engine.end(text -> true, new InferenceResult.Rejected("too long"));
        runMails(harness);
        assertThat(failures(harness))
                .extracting(Unenriched::record)
                .containsExactlyInAnyOrder("a:same", "b:same");
    }

    @Test
    void doesNotCacheAFailure() throws Exception {
        var harness = keyed(perKey());
        harness.processElement("a:same", 1);
        engine.end(text -> true, new InferenceResult.Rejected("too long"));
        runMails(harness);
        harness.processElement("a:same", 2);
        engine.answer(text -> true);
        runMails(harness);
        assertThat(records(harness)).containsExactly("a:same");
    }

    @Test
    void failsTheJobWhenThePolicySaysSo() throws Exception {
        FailurePolicy strict = HASTY.withAction(FailureAction.FAIL_JOB);
        var harness = keyed(perKey().withFailurePolicy(strict));
        harness.processElement("a:first", 1);
        engine.end(text -> true, new InferenceResult.Rejected("too long"));
        assertThatThrownBy(() -> runMails(harness))
                .hasStackTraceContaining("intent: too long")
                .hasStackTraceContaining("choose dead letters");
    }
}
