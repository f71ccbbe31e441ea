package io.headrace.inference.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headrace.inference.InferenceResult;
import io.headrace.inference.Spending;
import io.headrace.inference.remote.RemoteOptions.Share;
import io.headrace.inference.remote.testing.ModelServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A budget ends where it ends. */
class BudgetTest extends RemoteTestCase {

    private static final Budget TOKENS = new Budget(1_000, Long.MAX_VALUE, Duration.ZERO, false);

    private List<InferenceResult> askMany(int count) throws Exception {
        List<CompletableFuture<InferenceResult>> open = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            open.add(engine.submit(request(TEXT)).toCompletableFuture());
        }
        List<InferenceResult> results = new ArrayList<>();
        for (CompletableFuture<InferenceResult> result : open) {
            results.add(result.get(30, TimeUnit.SECONDS));
        }
        return results;
    }

    @Test
    void neverOverspendsByMoreThanTheRequestsUnderWay() throws Exception {
        int concurrency = 4;
        open(options(Endpoint.Api.OPENAI).withBudget(TOKENS).withLimits(limits(concurrency)));
        List<InferenceResult> results = askMany(50);
        long answered =
                results.stream().filter(InferenceResult.Generated.class::isInstance).count();
        assertThat(results).hasAtLeastOneElementOfType(InferenceResult.OverBudget.class);
        assertThat(server.asked()).hasSize((int) answered);
        // The server bills far more than the estimate, which is the worst that can happen.
        long each = ModelServer.PROMPT_TOKENS + ModelServer.OUTPUT_TOKENS;
        assertThat(answered * each).isBetween(900L, 1_000L + concurrency * each);
        assertThat(engine.spending()).isEqualTo(new Spending(0, answered * each, 0));
    }

    @Test
    void countsMoneyToo() throws Exception {
        open(
                options(Endpoint.Api.ANTHROPIC)
                        .withPrices(new Prices(3, 0.3, 15))
                        .withBudget(new Budget(Long.MAX_VALUE, 4_500_000, Duration.ZERO, false))
                        .withLimits(limits(1)));
        List<InferenceResult> results = askMany(30);
        // An answer costs 100 * 3 + 10 * 15 millionths.
        assertThat(results.stream().filter(InferenceResult.Generated.class::isInstance).count())
                .isBetween(9L, 10L);
    }

    @Test
    void holdsRequestsUntilTheNextWindowAndLosesNone() throws Exception {
        Budget held = new Budget(300, Long.MAX_VALUE, Duration.ofSeconds(1), true);
        open(options(Endpoint.Api.OPENAI).withBudget(held).withLimits(limits(1)));
        long start = System.nanoTime();
        assertThat(askMany(7)).hasOnlyElementsOfType(InferenceResult.Generated.class);
        // At most three fit into a window, since the third begins below the limit: they take three
        // windows, and that in the middle passes whole.
        assertThat(Duration.ofNanos(System.nanoTime() - start))
                .isGreaterThan(Duration.ofSeconds(1));
    }

    @Test
    void goesOnFromWhatWasSpentBeforeAndSharesTheRest() throws Exception {
        open(
                options(Endpoint.Api.OPENAI)
                        .withBudget(TOKENS)
                        .withShare(new Share(1, 2, new Spending(0, 500, 0)))
                        .withLimits(limits(1)));
        List<InferenceResult> results = askMany(10);
        assertThat(results.stream().filter(InferenceResult.Generated.class::isInstance).count())
                .isBetween(2L, 3L); // (1000 - 500) / 2 tokens at 110 each
    }

    @Test
    void theOperatorsOfAJobTogetherDoNotOverspendAfterRestarts() {
        Budget budget = new Budget(1_000, Long.MAX_VALUE, Duration.ZERO, false);
        // Each of two operators had spent its half.
        Ledger ledger = new Ledger(budget, new Share(2, 1, new Spending(0, 500, 0)));
        assertThat(ledger.reserve(new Ledger.Amount(1, 0), 0)).isEqualTo(Ledger.Decision.SPENT);
    }

    @Test
    void aRequestThatNoWindowCanPayIsNotHeldForever() throws Exception {
        Budget small = new Budget(10, Long.MAX_VALUE, Duration.ofDays(1), true);
        open(options(Endpoint.Api.OPENAI).withBudget(small));
        assertThat(ask(TEXT)).isInstanceOf(InferenceResult.OverBudget.class);
        assertThat(server.asked()).isEmpty();
    }

    @Test
    void aBudgetThatIsNeverRenewedCannotHold() {
        assertThatThrownBy(() -> new Budget(1, 1, Duration.ZERO, true))
                .hasMessageContaining("never renewed");
    }

    @Test
    void anotherEngineAnswersWhatTheBudgetDoesNotPay() throws Exception {
        RemoteEngine paid =
                RemoteEngine.open(
                        options(Endpoint.Api.OPENAI)
                                .withBudget(new Budget(10, 0, Duration.ZERO, false)));
        Endpoint own = Endpoint.of(Endpoint.Api.OPENAI, server.url(), "small");
        try (FallbackEngine both =
                new FallbackEngine(paid, RemoteEngine.open(RemoteOptions.of(own)))) {
            InferenceResult.Generated answer =
                    (InferenceResult.Generated)
                            both.submit(request(TEXT))
                                    .toCompletableFuture()
                                    .get(30, TimeUnit.SECONDS);
            assertThat(answer.usage().answeredBy()).isEqualTo("small");
            assertThat(both.model().name()).isEqualTo("big");
        }
    }

    @Test
    void keepsToItsRatesInAnyMinute() {
        long second = Duration.ofSeconds(1).toNanos();
        RateWindow rates = new RateWindow(new RequestLimits(1, 3, 1_000, Duration.ofSeconds(1)));
        assertThat(rates.waitNanos(5_000, 0)).isZero(); // Alone it may go, or it never would.
        rates.add(400, 0);
        RateWindow.Sent second400 = rates.add(400, 10 * second);
        assertThat(rates.waitNanos(200, 20 * second)).isZero();
        assertThat(rates.waitNanos(201, 20 * second)).isEqualTo(40 * second);
        rates.correct(second400, 700);
        assertThat(rates.waitNanos(200, 20 * second)).isEqualTo(40 * second);
        rates.add(1, 20 * second);
        assertThat(rates.waitNanos(1, 30 * second)).isEqualTo(30 * second);
        assertThat(rates.waitNanos(1, 61 * second)).isZero();
    }
}
