package io.headrace.inference.runtime;

import io.headrace.inference.InferenceRequest;
import io.headrace.inference.InferenceResult;
import io.headrace.inference.logits.BrokenLogitsException;
import io.headrace.inference.logits.LogitRow;
import io.headrace.inference.runner.RunnerLimits;
import io.headrace.inference.runner.ScoringTree;
import io.headrace.inference.runner.StepPlan;
import io.headrace.inference.runner.StepResult;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Decides what each step computes: continuous batching over a shared KV cache.
 *
 * <p>A step takes, in this order and within the runner's limits: one demand of every running
 * request whose prompt is computed (tokens to append before trees to score), the next part of
 * prompts that are not, and new requests. A request is admitted when a slot, a sequence number and
 * cells for the longest it may become are free, so a running request never has to give way. One
 * that shares a beginning with a prompt being computed right now waits a step and forks from it.
 * All of a step is computed with one adapter, see {@link AdapterTurns}.
 *
 * <p>Pure: no native call, no clock of its own, no thread; owned by the engine's thread. {@link
 * #schedule} and {@link #update} alternate.
 */
final class Scheduler {

    /** A request that has ended. */
    record Ended(InferenceRequest request, InferenceResult result) {}

    /** Shorter common beginnings are not worth waiting for. */
    private static final int WORTH_WAITING = 16;

    /** How far behind requests that wait for a beginning others are looked for. */
    private static final int LOOK_AHEAD = 64;

    /** A step that also computes guesses has at most so many rows: these cost little more. */
    private static final int DRAFTING_ROWS = 8;

    private record Planned(ScheduledRequest request, Demand demand, int promptTo, int output) {}

    private final RunnerLimits limits;
    private final int maxRunning;
    private final PrefixCache cache;
    private final WaitingRequests waiting = new WaitingRequests();
    private final List<ScheduledRequest> running = new ArrayList<>();
    private final AdapterTurns turns = new AdapterTurns();
    private final List<Planned> planned = new ArrayList<>();
    private final Counters counters = new Counters();
    private StepPlan plan = new StepPlan();

    /**
     * Whether the memory holds numbers that are none. What is masked is multiplied by zero, which
     * does not help against these, so prompts beside them would fail, too.
     */
    private boolean spoilt;

    /**
     * @param maxRunning the most requests that run at once; the other sequence numbers keep
     *     prefixes
     */
    Scheduler(RunnerLimits limits, int maxRunning) {
        if (maxRunning < 1) {
            throw new IllegalArgumentException("nothing could run: " + maxRunning);
        }
        this.limits = limits;
        this.maxRunning = Math.min(maxRunning, limits.sequences());
        this.cache = new PrefixCache(limits, limits.sequences() - this.maxRunning);
    }

    void add(ScheduledRequest request) {
        waiting.add(request);
    }

    boolean hasWork() {
        return waiting.size() > 0 || !running.isEmpty();
    }

    Counters counters() {
        counters.waiting = waiting.size();
        counters.running = running.size();
        counters.usedCells = cache.usedCells();
        counters.totalCells = limits.cells();
        return counters;
    }

    /** Gives up a request; returns how it ended, or null where it is not known here. */
    Ended cancel(InferenceRequest request) {
        boolean found = waiting.remove(request) != null;
        for (ScheduledRequest each : running) {
            if (each.request() == request) {
                leave(each);
                found = true;
                break;
            }
        }
        if (!found) {
            return null;
        }
        counters.cancelled++;
        return new Ended(request, new InferenceResult.Cancelled());
    }

    /** Fails everything that has not ended. */
    List<Ended> failAll(String reason) {
        List<Ended> ended = new ArrayList<>();
        for (ScheduledRequest each : List.copyOf(running)) {
            cache.free(each.sequence());
            ended.add(fail(each, reason));
        }
        running.clear();
        planned.clear();
        waiting.drain().forEach(each -> ended.add(fail(each, reason)));
        return ended;
    }

    /** Plans the next step; the plan may be empty. */
    StepPlan schedule(long nowNanos) {
        plan = new StepPlan();
        planned.clear();
        if (spoilt && running.isEmpty()) {
            cache.wipe();
            spoilt = false;
        }
        SortedSet<Integer> adapters = new TreeSet<>(waiting.adapters());
        running.forEach(each -> adapters.add(each.adapter()));
        for (int adapter : turns.order(adapters)) {
            plan = new StepPlan(adapter);
            planStep(adapter, turns.mayBegin(adapter, adapters), nowNanos);
            if (plan.computedRows() > 0) {
                turns.took(adapter);
                break;
            }
        }
        cache.planOperations(plan);
        return plan;
    }

    private void planStep(int adapter, boolean mayBegin, long nowNanos) {
        List<ScheduledRequest> turn =
                running.stream().filter(each -> each.adapter() == adapter).toList();
        int drafts = drafts(turn);
        for (ScheduledRequest each : turn) {
            if (each.isPromptDone() && !(each.decoding() instanceof LabelDecoding)) {
                planDemand(each, drafts);
            }
        }
        for (ScheduledRequest each : turn) {
            if (each.isPromptDone() && each.decoding() instanceof LabelDecoding) {
                planDemand(each, drafts);
            }
        }
        for (ScheduledRequest each : turn) {
            if (!each.isPromptDone()) {
                planPrompt(each);
            }
        }
        if (mayBegin) {
            admit(adapter, nowNanos);
        }
    }

    private int rowsLeft() {
        return limits.rows() - plan.computedRows();
    }

    private int outputsLeft() {
        return limits.outputs() - plan.outputRows();
    }

    /**
     * Returns how many rows each request may fill with guesses. In full steps, and where prompts
     * are computed, every row costs as much as one that is sure.
     */
    private int drafts(List<ScheduledRequest> turn) {
        boolean more = waiting.size() > 0 && running.size() < maxRunning;
        boolean prompts = turn.stream().anyMatch(each -> !each.isPromptDone());
        return more || prompts || turn.isEmpty() ? 0 : Math.max(0, DRAFTING_ROWS / turn.size() - 1);
    }

    private void planDemand(ScheduledRequest request, int drafts) {
        int cells = limits.cells() - cache.usedCells() - cellsToCome() - plan.computedRows();
        Decoding.Allowance allowance =
                new Decoding.Allowance(
                        Math.min(rowsLeft(), Math.max(cells, 0) + request.decoding().cellsToCome()),
                        outputsLeft(),
                        limits.treeLeaves() - plan.treeLeaves(),
                        drafts);
        if (allowance.rows() <= 0 || allowance.outputs() <= 0) {
            return;
        }
        Demand demand = request.decoding().demand(allowance);
        if (demand instanceof Demand.Append append) {
            int[] tokens = append.tokens();
            int position = request.sequence().length();
            int output = plan.rowOutputs();
            for (int i = 0; i < tokens.length; i++) {
                boolean read = Arrays.binarySearch(append.read(), i) >= 0;
                plan.row(tokens[i], request.sequence().number(), position + i, read);
            }
            planned.add(new Planned(request, demand, 0, output));
        } else if (demand instanceof Demand.Score score) {
            ScoringTree tree =
                    new ScoringTree(
                            request.sequence().number(),
                            request.sequence().length(),
                            score.tokens(),
                            score.parents(),
                            score.outputs());
            plan.tree(tree);
            planned.add(new Planned(request, demand, 0, 0));
        }
    }

    private void planPrompt(ScheduledRequest request) {
        int from = request.promptComputed();
        int to = Math.min(request.prompt().length, from + rowsLeft());
        boolean ends = to == request.prompt().length;
        if (ends && outputsLeft() == 0) {
            ends = false;
            to--;
        }
        if (to <= from) {
            return;
        }
        int output = plan.rowOutputs();
        for (int i = from; i < to; i++) {
            boolean last = ends && i == to - 1;
            plan.row(request.prompt()[i], request.sequence().number(), i, last);
        }
        planned.add(new Planned(request, null, to, output));
    }

    private void admit(int adapter, long nowNanos) {
        if (waiting.size() == 0 || spoilt) {
            return;
        }
        for (ScheduledRequest each : waiting.next(adapter, LOOK_AHEAD)) {
            if (running.size() == maxRunning || rowsLeft() == 0 || outputsLeft() == 0) {
                return;
            }
            KvTree.Match match = cache.match(adapter, each.prompt());
            if (waitsForPrefix(each, match.length())) {
                continue;
            }
            if (!tryAdmit(each, nowNanos)) {
                return;
            }
        }
    }

    private boolean tryAdmit(ScheduledRequest request, long nowNanos) {
        if (!cache.freeNumber()) {
            return false;
        }
        int matched = cache.match(request.adapter(), request.prompt()).length();
        int wanted = request.prompt().length - matched + request.decoding().cellsToCome();
        if (!cache.makeRoom(wanted + cellsToCome())) {
            return false;
        }
        // Making room may have evicted what matched: look again, and start over if room is short.
        KvTree.Match match = cache.match(request.adapter(), request.prompt());
        if (match.length() < matched) {
            return tryAdmit(request, nowNanos);
        }
        KvSequence sequence = cache.open(request.adapter(), request.prompt(), match);
        request.admit(sequence, match.length(), nowNanos);
        counters.promptTokens += request.prompt().length;
        counters.cachedTokens += match.length();
        waiting.admitted(request);
        running.add(request);
        planPrompt(request);
        return true;
    }

    /** Returns the most cells that the running requests may still take. */
    private int cellsToCome() {
        int cells = 0;
        for (ScheduledRequest each : running) {
            cells += each.cellsToCome();
        }
        return cells;
    }

    /** Returns whether a prompt being computed now will soon hold much more of this one. */
    private boolean waitsForPrefix(ScheduledRequest request, int known) {
        int useful = request.prompt().length - 1;
        for (ScheduledRequest each : running) {
            if (!each.isPromptDone() && each.adapter() == request.adapter()) {
                int common = Math.min(each.commonPrefix(request.prompt()), useful);
                if (common - known >= WORTH_WAITING && common > each.promptComputed()) {
                    each.othersWait(common);
                    return true;
                }
            }
        }
        return false;
    }

    /** Takes in what came of the last plan; returns the requests that ended by it. */
    List<Ended> update(StepResult result, long nowNanos) {
        List<Ended> ended = new ArrayList<>();
        if (result instanceof StepResult.Failed failed) {
            for (Planned each : planned) {
                ended.add(drop(each.request(), failed.reason()));
            }
            planned.clear();
            return ended;
        }
        StepResult.Computed computed = (StepResult.Computed) result;
        int treeOutput = plan.rowOutputs();
        for (Planned each : planned) {
            int first = each.output();
            if (each.demand() instanceof Demand.Score score) {
                first = treeOutput;
                for (boolean output : score.outputs()) {
                    treeOutput += output ? 1 : 0;
                }
            }
            try {
                take(each, new StepLogits(computed, first));
            } catch (BrokenLogitsException e) {
                ended.add(drop(each.request(), e.getMessage()));
                spoilt = true;
                continue;
            } catch (RuntimeException e) {
                // A fault of ours, or of a request that nobody has thought of: not the others'.
                ended.add(drop(each.request(), "the answer could not be decoded: " + e));
                continue;
            }
            if (each.request().isPromptDone() && each.request().decoding().isDone()) {
                ended.add(complete(each.request(), nowNanos));
            }
        }
        planned.clear();
        if (spoilt) {
            putBackPrompts();
        }
        return ended;
    }

    /** Lets prompts begin anew when the memory is wiped; outputs go on, a row at a time. */
    private void putBackPrompts() {
        for (int i = running.size() - 1; i >= 0; i--) {
            ScheduledRequest each = running.get(i);
            if (!each.isPromptDone()) {
                running.remove(i);
                cache.free(each.sequence());
                counters.promptTokens -= each.prompt().length;
                counters.cachedTokens -= each.cachedTokens();
                each.putBack();
                waiting.putBack(each);
            }
        }
    }

    private void take(Planned each, Logits rows) {
        ScheduledRequest request = each.request();
        if (each.demand() == null) {
            int from = request.promptComputed();
            cache.computed(request.sequence(), request.prompt(), from, each.promptTo());
            request.promptComputed(each.promptTo());
            if (request.isPromptDone()) {
                request.decoding().begin(rows);
            }
        } else {
            int rejected = request.decoding().accept(rows);
            if (each.demand() instanceof Demand.Append append) {
                int kept = append.tokens().length - rejected;
                cache.computed(request.sequence(), append.tokens(), 0, kept);
                if (rejected > 0) {
                    cache.forgetRest(request.sequence());
                }
            }
        }
    }

    private static final class StepLogits implements Logits {
        private final StepResult.Computed computed;
        private final int first;

        StepLogits(StepResult.Computed computed, int first) {
            this.computed = computed;
            this.first = first;
        }

        @Override
        public LogitRow row(int output) {
            return computed.logits(first + output);
        }
    }

    private Ended complete(ScheduledRequest request, long nowNanos) {
        InferenceResult result = request.decoding().result(request.usage(nowNanos));
        leave(request);
        counters.outputTokens += request.decoding().outputTokens();
        counters.masks += request.decoding().masks();
        counters.maskNanos += request.decoding().maskNanos();
        counters.draftedTokens += request.decoding().draftedTokens();
        counters.acceptedTokens += request.decoding().acceptedTokens();
        if (result instanceof InferenceResult.Completed) {
            counters.completed++;
        } else {
            counters.failed++;
        }
        return new Ended(request.request(), result);
    }

    private void leave(ScheduledRequest request) {
        running.remove(request);
        cache.release(request.sequence(), request.keptBeginnings());
    }

    /** Fails a running request and forgets what was computed for it. */
    private Ended drop(ScheduledRequest request, String reason) {
        cache.free(request.sequence());
        running.remove(request);
        return fail(request, reason);
    }

    private Ended fail(ScheduledRequest request, String reason) {
        counters.failed++;
        return new Ended(request.request(), new InferenceResult.Failed(reason));
    }

    /** Throws if what the scheduler believes contradicts itself; called by tests after steps. */
    void checkInvariants() {
        cache.checkInvariants();
        int numbers = running.size() + cache.idleSequences() + cache.freeSequences();
        if (numbers != limits.sequences()) {
            throw new IllegalStateException(
                    numbers + " sequence numbers are known of " + limits.sequences());
        }
        if (running.size() > maxRunning) {
            throw new IllegalStateException(running.size() + " requests run at once");
        }
        if (cache.usedCells() + cellsToCome() > limits.cells()) {
            throw new IllegalStateException("the running requests may need more cells than exist");
        }
    }
}
