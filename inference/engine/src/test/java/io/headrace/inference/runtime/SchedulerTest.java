package io.headrace.inference.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.headrace.inference.InferenceRequest;
import io.headrace.inference.InferenceResult;
import io.headrace.inference.InferenceResult.Generated;
import io.headrace.inference.InferenceResult.Scores;
import io.headrace.inference.Output;
import io.headrace.inference.Prompt;
import io.headrace.inference.Sampling;
import io.headrace.inference.ServiceClass;
import io.headrace.inference.Usage;
import io.headrace.inference.logits.ArrayRow;
import io.headrace.inference.logits.LogitRow;
import io.headrace.inference.runner.RunnerLimits;
import io.headrace.inference.runner.StepPlan;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SchedulerTest {

    private static final Vocabulary VOCABULARY = new SmallVocabulary();
    private static final RunnerLimits LIMITS = new RunnerLimits(400, 12, 48, 32, 20, 64);

    private DecodingFactory decodings = new DecodingFactory(VOCABULARY, 32, 0);
    private ScriptedRunner runner = new ScriptedRunner(LIMITS);
    private Scheduler scheduler = new Scheduler(LIMITS, 8);
    private final Map<InferenceRequest, InferenceResult> results = new HashMap<>();
    private final List<String> plans = new ArrayList<>();
    private long now;

    @Test
    void aPromptIsComputedOnceAndItsTextIsTheModelsOwn() throws Exception {
        InferenceRequest request = submit("HELLO", new Output.Text(5, List.of(), Sampling.GREEDY));
        runToEnd();
        assertThat(((Generated) results.get(request)).text()).isEqualTo(greedy("HELLO", 5));
        assertThat(runner.rows()).isEqualTo(5 + 4);
    }

    @Test
    void aSharedBeginningIsComputedOnceAlsoWhenRequestsComeTogether() throws Exception {
        String shared = "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJ";
        for (int i = 0; i < 6; i++) {
            submit(shared + (char) ('a' + i), new Output.Text(1, List.of(), Sampling.GREEDY));
        }
        runToEnd();
        assertThat(runner.rows()).isEqualTo(shared.length() + 6);
        assertThat(runner.steps()).isLessThanOrEqualTo(3);
    }

    @Test
    void keptBeginningsServeLaterRequests() throws Exception {
        String shared = "ABCDEFGHIJKLMNOPQRST";
        for (int i = 0; i < 5; i++) {
            submit(shared + "|" + i, new Output.Text(1, List.of(), Sampling.GREEDY));
            runToEnd();
        }
        assertThat(runner.rows()).isEqualTo(shared.length() + 5 * 2);
    }

    @Test
    void adaptersTakeTurnsOfSeveralStepsAndNoneIsStarved() throws Exception {
        Output text = new Output.Text(40, List.of(), Sampling.GREEDY);
        List<InferenceRequest> rare = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            submit("shared", "", "A" + i, text, ServiceClass.LIVE, i % 2);
        }
        rare.add(submit("shared", "", "B", text, ServiceClass.LIVE, 2));
        int steps = 0;
        int switches = 0;
        int last = -1;
        int answered = 0;
        while (scheduler.hasWork()) {
            StepPlan plan = step();
            steps++;
            switches += plan.adapter() == last ? 0 : 1;
            last = plan.adapter();
            answered =
                    results.containsKey(rare.get(0)) && answered == 0 ? results.size() : answered;
        }
        assertThat(results).hasSize(61);
        assertThat(switches).isLessThan(steps / 4);
        assertThat(answered).isLessThan(50);
    }

    @Test
    void whatAnAdapterComputedIsNotTakenForAnother() throws Exception {
        Output text = new Output.Text(2, List.of(), Sampling.GREEDY);
        String shared = "S".repeat(40);
        submit(shared, "", "X", text, ServiceClass.LIVE, 1);
        runToEnd();
        long before = runner.rows();
        submit(shared, "", "X", text, ServiceClass.LIVE, 2);
        runToEnd();
        assertThat(runner.rows() - before).isGreaterThan(40);
    }

    @Test
    void liveRequestsGoFirstAndBackfillIsNotStarved() throws Exception {
        List<InferenceRequest> backfill = new ArrayList<>();
        Output text = new Output.Text(3, List.of(), Sampling.GREEDY);
        for (int i = 0; i < 20; i++) {
            backfill.add(submit("OLD" + i, text, ServiceClass.BACKFILL));
        }
        List<InferenceRequest> live = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            live.add(submit("NEW" + i, text, ServiceClass.LIVE));
        }
        while (!results.keySet().containsAll(live)) {
            step();
        }
        long backfillDone = backfill.stream().filter(results::containsKey).count();
        assertThat(backfillDone).isBetween(4L, 9L);
        runToEnd();
        assertThat(results).hasSize(80);
    }

    @Test
    void cancellingFreesCellsAtOnce() throws Exception {
        Output text = new Output.Text(50, List.of(), Sampling.GREEDY);
        InferenceRequest running = submit("RUNNING", text);
        InferenceRequest waiting = submit("WAITING", text, ServiceClass.BACKFILL);
        step();
        int used = scheduler.counters().usedCells;
        assertThat(used).isPositive();
        assertThat(scheduler.cancel(running).result())
                .isInstanceOf(InferenceResult.Cancelled.class);
        assertThat(scheduler.cancel(waiting)).isNotNull();
        assertThat(scheduler.cancel(waiting)).isNull();
        assertThat(scheduler.counters().usedCells).isZero();
        step();
        assertThat(runner.heldSequences()).isZero();
        assertThat(scheduler.hasWork()).isFalse();
    }

    @Test
    void aFailedStepFailsItsRequestsAndNoOthers() throws Exception {
        Output text = new Output.Text(3, List.of(), Sampling.GREEDY);
        InferenceRequest first = submit("FIRST", text);
        runner.failNextStep("no luck");
        step();
        assertThat(results.get(first)).isEqualTo(new InferenceResult.Failed("no luck"));
        InferenceRequest second = submit("SECOND", text);
        runToEnd();
        assertThat(((Generated) results.get(second)).text()).isEqualTo(greedy("SECOND", 3));
    }

    @Test
    void aDecodingThatBreaksFailsItsRequestAndNoOther() throws Exception {
        Output text = new Output.Text(3, List.of(), Sampling.GREEDY);
        InferenceRequest sound = submit("SOUND", text);
        InferenceRequest broken =
                new InferenceRequest(new Prompt("", List.of("BROKEN")), text, ServiceClass.LIVE);
        scheduler.add(
                new ScheduledRequest(broken, 0, promptOf("BROKEN"), new BrokenDecoding(), now));
        runToEnd();
        assertThat(((Generated) results.get(sound)).text()).isEqualTo(greedy("SOUND", 3));
        assertThat(((InferenceResult.Failed) results.get(broken)).reason()).contains("no luck");
        assertThat(runner.heldSequences()).isLessThanOrEqualTo(1);
    }

    /** Breaks at the first row that it is given. */
    private static final class BrokenDecoding implements Decoding {
        @Override
        public void begin(Logits logits) {
            throw new IllegalStateException("no luck");
        }

        @Override
        public boolean isDone() {
            return false;
        }

        @Override
        public Demand demand(Allowance allowance) {
            return null;
        }

        @Override
        public int accept(Logits logits) {
            return 0;
        }

        @Override
        public int cellsToCome() {
            return 0;
        }

        @Override
        public int outputTokens() {
            return 0;
        }

        @Override
        public InferenceResult result(Usage usage) {
            throw new IllegalStateException("it has none");
        }
    }

    /** The same requests, submitted at the same steps, make the same plans. */
    @Test
    void equalWorkMakesEqualPlans() throws Exception {
        List<String> plans = plansOfAWorkload();
        assertThat(plansOfAWorkload()).isEqualTo(plans).hasSizeGreaterThan(100);
    }

    private List<String> plansOfAWorkload() throws Exception {
        runner = new ScriptedRunner(LIMITS);
        scheduler = new Scheduler(LIMITS, 8);
        plans.clear();
        results.clear();
        now = 0;
        workload(new Random(5));
        return List.copyOf(plans);
    }

    @Test
    void theBeginningThatWasUsedLeastRecentlyIsForgottenFirst() throws Exception {
        Output text = new Output.Text(1, List.of(), Sampling.GREEDY);
        List<String> shared = List.of("A".repeat(90), "B".repeat(90), "C".repeat(90));
        for (String each : shared) {
            submit(each + "|0", text);
            runToEnd();
        }
        submit(shared.get(0) + "|1", text); // The oldest is used again.
        runToEnd();
        submit("D".repeat(90) + "|0", text); // 400 cells: room for three and a half.
        runToEnd();
        submit("E".repeat(60) + "|0", text);
        runToEnd();
        assertThat(rowsOf(shared.get(0) + "|2")).isLessThan(10);
        assertThat(rowsOf(shared.get(1) + "|2")).isGreaterThan(80);
    }

    private long rowsOf(String prompt) throws Exception {
        long before = runner.rows();
        submit(prompt, new Output.Text(1, List.of(), Sampling.GREEDY));
        runToEnd();
        return runner.rows() - before;
    }

    @Test
    void labelProbabilitiesAreTheProductsOfTheModelsConditionals() throws Exception {
        List<String> labels = List.of("CARD", "CARDS", "CASH", "X", "REFUND", "REFUSE", "C");
        InferenceRequest request = submit("WHICH", new Output.Labels(labels));
        runToEnd();
        assertScores(request, "WHICH", labels, 1);
    }

    @Test
    void labelsThatTheirFirstTokenTellsApartTakeNoRows() throws Exception {
        List<String> labels = List.of("X", "Y", "Z");
        InferenceRequest request = submit("WHICH", new Output.Labels(labels));
        runToEnd();
        assertScores(request, "WHICH", labels, 1);
        assertThat(((Scores) results.get(request)).usage().outputTokens()).isZero();
    }

    @Test
    void labelTemperatureFlattensWholeLabels() throws Exception {
        List<String> labels = List.of("CARD", "CASH", "XYZ");
        InferenceRequest request = submit("WHICH", new Output.Labels(labels, 2.5));
        runToEnd();
        assertScores(request, "WHICH", labels, 2.5);
    }

    @Test
    void hundredsOfLabelsFitThroughSmallSteps() throws Exception {
        List<String> labels = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            labels.add("L" + (char) ('A' + i % 26) + (char) ('A' + i / 26 % 26) + "END");
        }
        InferenceRequest request = submit("WHICH", new Output.Labels(labels));
        runToEnd();
        assertScores(request, "WHICH", labels, 1);
    }

    /** The scripted model answers rightly only if every row saw the right tokens. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void randomWorkloadsKeepEveryInvariantAndGiveRightAnswers(long seed) throws Exception {
        workload(new Random(seed));
    }

    @ParameterizedTest
    @ValueSource(longs = {7, 8, 9, 10, 11, 12})
    void guessingChangesNoAnswerOfRandomWorkloads(long seed) throws Exception {
        decodings = new DecodingFactory(VOCABULARY, 32, 1 + (int) (seed % 7));
        runner = new ScriptedRunner(LIMITS, true);
        scheduler = new Scheduler(LIMITS, 1 + (int) (seed % 3));
        workload(new Random(seed));
        Counters counters = scheduler.counters();
        assertThat(counters.draftedTokens).isGreaterThan(50);
        assertThat(counters.acceptedTokens).isPositive().isLessThan(counters.draftedTokens);
    }

    @Test
    void rightGuessesSaveSteps() throws Exception {
        StringBuilder record = new StringBuilder();
        for (char letter = '0'; letter < 'o'; letter++) {
            record.append(letter);
        }
        String prompt = "SYSTEM|" + record + record;
        Output text = new Output.Text(60, List.of(), Sampling.GREEDY);
        runner = new ScriptedRunner(LIMITS, true);
        InferenceRequest without = submit(prompt, text);
        runToEnd();
        int before = runner.steps();
        decodings = new DecodingFactory(VOCABULARY, 32, 3);
        InferenceRequest with = submit(prompt, text);
        runToEnd();
        assertThat(((Generated) results.get(with)).text())
                .isEqualTo(((Generated) results.get(without)).text());
        assertThat(runner.steps() - before).isLessThan(before * 2 / 3);
    }

    @Test
    void aRequestThatGuessesWrongStopsGuessing() throws Exception {
        String record = "ABCDABCDABCDABCDABCDABCD";
        Drafts drafts = new Drafts(promptOf(record), VOCABULARY, 7);
        int guessed = 0;
        for (int step = 0; step < 20; step++) {
            drafts.wrote("ABCD".getBytes(StandardCharsets.US_ASCII));
            Demand.Append append =
                    drafts.append(
                            VOCABULARY.tokenize("D"),
                            new Decoding.Allowance(8, 8, 8, 7),
                            50,
                            token -> new int[0]);
            guessed += append.tokens().length - 1;
            LogitRow even = new ArrayRow(new float[64]);
            int rejected = drafts.read(output -> even, row -> new int[] {63});
            assertThat(rejected).isEqualTo(append.tokens().length - 1);
        }
        assertThat(guessed).isEqualTo(14);
        assertThat(drafts.drafted()).isEqualTo(14);
        assertThat(drafts.accepted()).isZero();
    }

    private static PromptTokens promptOf(String text) {
        return new PromptTokens(VOCABULARY.tokenize(text), new int[0]);
    }

    @Test
    void fullStepsHoldNoGuesses() throws Exception {
        decodings = new DecodingFactory(VOCABULARY, 32, 7);
        runner = new ScriptedRunner(LIMITS, true);
        for (int i = 0; i < 8; i++) {
            submit(
                    "SYSTEM|ABCDEFGHIJKLMNOPQRST" + i,
                    new Output.Text(12, List.of(), Sampling.GREEDY));
        }
        while (results.isEmpty()) {
            step();
        }
        assertThat(scheduler.counters().draftedTokens).isZero();
    }

    private void workload(Random random) throws Exception {
        Map<InferenceRequest, String> texts = new HashMap<>();
        Map<InferenceRequest, String> prompts = new HashMap<>();
        List<InferenceRequest> open = new ArrayList<>();
        int cancelled = 0;
        for (int i = 0; i < 400; i++) {
            String system = "SYSTEM".repeat(1 + random.nextInt(4));
            String record = letters(random, 1 + random.nextInt(30));
            String task = letters(random, random.nextInt(10));
            ServiceClass service =
                    random.nextInt(3) == 0 ? ServiceClass.BACKFILL : ServiceClass.LIVE;
            String prompt = system + record + task;
            if (random.nextInt(3) == 0) {
                List<String> labels = new ArrayList<>();
                int count = 1 + random.nextInt(30);
                for (int label = 0; label < count; label++) {
                    labels.add(letters(random, 1 + random.nextInt(5)) + "_" + label);
                }
                open.add(submit(system, record, task, new Output.Labels(labels), service));
            } else {
                int max = 1 + random.nextInt(20);
                Output text = new Output.Text(max, List.of(), Sampling.GREEDY);
                InferenceRequest request = submit(system, record, task, text, service);
                texts.put(request, greedy(prompt, max));
                prompts.put(request, prompt);
                open.add(request);
            }
            for (int steps = random.nextInt(4); steps > 0; steps--) {
                step();
            }
            if (random.nextInt(10) == 0) {
                InferenceRequest victim =
                        open.get(open.size() - 1 - random.nextInt(Math.min(3, open.size())));
                Scheduler.Ended ended = scheduler.cancel(victim);
                if (ended != null) {
                    results.put(victim, ended.result());
                    cancelled++;
                }
                scheduler.checkInvariants();
            }
        }
        runToEnd();
        assertThat(results).hasSize(400);
        assertThat(cancelled).isPositive();
        texts.forEach(
                (request, text) -> {
                    if (results.get(request) instanceof Generated generated) {
                        assertThat(generated.text()).as(prompts.get(request)).isEqualTo(text);
                    }
                });
        Counters counters = scheduler.counters();
        assertThat(counters.cachedTokens).isPositive();
        assertThat(counters.running + counters.waiting).isZero();
    }

    private void assertScores(
            InferenceRequest request, String prompt, List<String> labels, double temperature) {
        double[] weights = new double[labels.size()];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = Math.exp(logProbability(prompt, labels.get(i), labels) / temperature);
        }
        double sum = Arrays.stream(weights).sum();
        List<Double> probabilities = ((Scores) results.get(request)).probabilities();
        for (int i = 0; i < weights.length; i++) {
            assertThat(probabilities.get(i)).isCloseTo(weights[i] / sum, within(1e-4));
        }
    }

    /** Only where another label goes on, the end of the turn tells that it is this one. */
    private double logProbability(String prompt, String label, List<String> labels) {
        int[] tokens = VOCABULARY.tokenize(label);
        int[] all = VOCABULARY.tokenize(prompt);
        boolean goesOn =
                labels.stream().anyMatch(each -> each.startsWith(label) && !each.equals(label));
        double sum = 0;
        for (int i = 0; i < tokens.length + (goesOn ? 1 : 0); i++) {
            int token = i < tokens.length ? tokens[i] : 0;
            float[] row = runner.logits(all);
            double total = 0;
            for (float logit : row) {
                total += Math.exp(logit);
            }
            sum += row[token] - Math.log(total);
            all = Arrays.copyOf(all, all.length + 1);
            all[all.length - 1] = token;
        }
        return sum;
    }

    private String greedy(String prompt, int most) {
        int[] all = VOCABULARY.tokenize(prompt);
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < most; i++) {
            float[] row = runner.logits(all);
            int token = new ArrayRow(row).argMax();
            if (token == 0) {
                break;
            }
            text.append((char) VOCABULARY.bytes(token)[0]);
            all = Arrays.copyOf(all, all.length + 1);
            all[all.length - 1] = token;
        }
        return text.toString();
    }

    private static String letters(Random random, int count) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < count; i++) {
            text.append((char) ('A' + random.nextInt(4)));
        }
        return text.toString();
    }

    private InferenceRequest submit(String prompt, Output output) throws Exception {
        return submit(prompt, output, ServiceClass.LIVE);
    }

    /** Submits a prompt whose shared beginning ends at a bar, which is left out. */
    private InferenceRequest submit(String prompt, Output output, ServiceClass service)
            throws Exception {
        int bar = prompt.indexOf('|');
        return bar < 0
                ? submit("", "", prompt, output, service)
                : submit(
                        prompt.substring(0, bar),
                        "",
                        prompt.substring(bar + 1) + "Z",
                        output,
                        service);
    }

    private InferenceRequest submit(
            String system, String record, String task, Output output, ServiceClass service)
            throws Exception {
        return submit(system, record, task, output, service, 0);
    }

    private InferenceRequest submit(
            String system,
            String record,
            String task,
            Output output,
            ServiceClass service,
            int adapter)
            throws Exception {
        InferenceRequest plain =
                new InferenceRequest(new Prompt(system, List.of(record, task)), output, service);
        InferenceRequest request =
                adapter == 0 ? plain : plain.withAdapter(String.valueOf(adapter));
        int[] tokens = VOCABULARY.tokenize(system + record + task);
        int[] boundaries = {system.length(), system.length() + record.length()};
        PromptTokens prompt = new PromptTokens(tokens, boundaries);
        scheduler.add(
                new ScheduledRequest(
                        request,
                        request.adapter().map(Integer::parseInt).orElse(0),
                        prompt,
                        decodings.create(output, prompt),
                        now));
        return request;
    }

    private void runToEnd() {
        for (int i = 0; i < 100_000 && scheduler.hasWork(); i++) {
            step();
        }
        assertThat(scheduler.hasWork()).isFalse();
    }

    private static String written(StepPlan plan) {
        StringBuilder text = new StringBuilder().append(plan.operations()).append(plan.adapter());
        for (int row = 0; row < plan.rows(); row++) {
            text.append(' ').append(plan.sequence(row)).append(':').append(plan.token(row));
            text.append('@').append(plan.position(row)).append(plan.output(row) ? "!" : "");
        }
        plan.trees().forEach(tree -> text.append(" tree ").append(tree.size()));
        return text.toString();
    }

    private StepPlan step() {
        StepPlan plan = scheduler.schedule(++now);
        plans.add(written(plan));
        boolean idle = scheduler.hasWork() && plan.isEmpty();
        assertThat(idle).as("there is work but no progress").isFalse();
        for (Scheduler.Ended ended : scheduler.update(runner.execute(plan), ++now)) {
            assertThat(results.put(ended.request(), ended.result())).isNull();
        }
        scheduler.checkInvariants();
        return plan;
    }
}
