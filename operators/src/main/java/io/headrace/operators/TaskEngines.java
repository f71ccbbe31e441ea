package io.headrace.operators;

import io.headrace.inference.InferenceEngine;
import io.headrace.inference.ServiceClass;
import io.headrace.inference.Spending;
import io.headrace.operators.state.TaskOutcome;
import io.headrace.operators.task.Task;
import io.headrace.operators.task.TaskSet;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * The engines of a task set: one for all tasks, and second ones for the tasks that have a cascade.
 * Tasks with equal second providers share one. Thread-safe; closing it closes them all.
 */
public final class TaskEngines implements AutoCloseable {

    private final InferenceEngine first;
    private final Map<EngineProvider, InferenceEngine> seconds = new LinkedHashMap<>();
    private final Map<String, InferenceEngine> accounts = new LinkedHashMap<>();
    private final Map<String, EngineProvider> spenders = new LinkedHashMap<>();

    /** Those that these tasks do not ask, kept for versions to come that do. */
    private final List<InferenceEngine> idle = new ArrayList<>();

    private final List<TaskRoute> routes = new ArrayList<>();
    private final String cascadeVersion;

    private TaskEngines(
            EngineProvider provider,
            TaskSet tasks,
            ServiceClass serviceClass,
            Function<String, EngineProvider.Opening> openings,
            Optional<TaskEngines> beside) {
        Questions questions = new Questions(tasks, serviceClass);
        Map<String, Cascade> cascades = new TreeMap<>(provider.use().cascades());
        requireConfidence(tasks.tasks(), cascades);
        // Those of other operators' tasks are theirs.
        cascades.keySet().retainAll(tasks.tasks().stream().map(Task::name).toList());
        first = opened(provider, openings, beside);
        try {
            for (Cascade cascade : cascades.values()) {
                if (!seconds.containsKey(cascade.second())) {
                    seconds.put(
                            cascade.second(),
                            opened(
                                    cascade.second(),
                                    account -> openings.apply(account).byOneOperator(),
                                    beside));
                }
            }
        } catch (RuntimeException | Error e) {
            close(beside);
            throw e;
        }
        beside.ifPresent(this::keepAccounts);
        StringBuilder version = new StringBuilder();
        for (Task task : tasks.tasks()) {
            Optional<Cascade> cascade = Optional.ofNullable(cascades.get(task.name()));
            Optional<Responder> second =
                    cascade.map(each -> new Responder(seconds.get(each.second()), true));
            routes.add(
                    new TaskRoute(task, questions, new Responder(first, false), second, cascade));
            cascade.ifPresent(
                    each ->
                            version.append(':')
                                    .append(task.name())
                                    .append('<')
                                    .append(each.below())
                                    .append('@')
                                    .append(second.get().engine().model().digest()));
        }
        cascadeVersion = version.toString();
    }

    /** The engines of a program that is no operator. */
    public static TaskEngines open(EngineProvider provider, TaskSet tasks) {
        return open(
                provider,
                tasks,
                ServiceClass.LIVE,
                account -> EngineProvider.Opening.ALONE,
                Optional.empty());
    }

    /** An engine of the caller's, for all tasks. */
    static TaskEngines of(InferenceEngine engine, TaskSet tasks) {
        return open(() -> engine, tasks);
    }

    /**
     * The engines of a subtask.
     *
     * @param openings what an engine is opened with, by the name of its account
     * @param beside engines that are open meanwhile; those that spend from an account are shared
     *     with them, so that it is not spent twice, and stay open as long as either
     */
    static TaskEngines open(
            EngineProvider provider,
            TaskSet tasks,
            ServiceClass serviceClass,
            Function<String, EngineProvider.Opening> openings,
            Optional<TaskEngines> beside) {
        return new TaskEngines(provider, tasks, serviceClass, openings, beside);
    }

    private InferenceEngine opened(
            EngineProvider provider,
            Function<String, EngineProvider.Opening> openings,
            Optional<TaskEngines> beside) {
        String account = provider.account();
        if (account.isEmpty()) {
            return provider.open(openings.apply(account));
        }
        if (accounts.containsKey(account)) {
            throw new IllegalArgumentException(twice(account));
        }
        InferenceEngine engine =
                beside.isPresent()
                        ? beside.get().spender(account, provider.alone())
                        : provider.open(openings.apply(account));
        accounts.put(account, engine);
        spenders.put(account, provider.alone());
        return engine;
    }

    private void keepAccounts(TaskEngines others) {
        others.accounts.forEach(
                (account, engine) -> {
                    if (accounts.putIfAbsent(account, engine) == null) {
                        spenders.put(account, others.spenders.get(account));
                        idle.add(engine);
                    }
                });
    }

    private InferenceEngine spender(String account, EngineProvider provider) {
        if (!accounts.containsKey(account)) {
            throw new IllegalArgumentException(
                    account
                            + " is not asked so far, and what may be spent there is counted from a"
                            + " start; stop the job with a savepoint");
        }
        if (!spenders.get(account).equals(provider)) {
            throw new IllegalArgumentException(
                    "the limits, prices or budget of "
                            + account
                            + " cannot change while it is asked; stop the job with a savepoint");
        }
        return accounts.get(account);
    }

    /**
     * Refuses providers that have an account in common and are not equal: what they spend could not
     * be told apart.
     *
     * @throws IllegalArgumentException if there are such
     */
    static void requireAccountsOfTheirOwn(EngineProvider first, Collection<Cascade> cascades) {
        Set<String> accounts = new HashSet<>(Set.of(first.account()));
        cascades.stream()
                .map(Cascade::second)
                .distinct()
                .map(EngineProvider::account)
                .filter(account -> !account.isEmpty() && !accounts.add(account))
                .forEach(
                        account -> {
                            throw new IllegalArgumentException(twice(account));
                        });
    }

    private static String twice(String account) {
        return "the model "
                + account
                + " is named twice, as first and second model or with different keys, rates,"
                + " prices or budgets; name it once, or choose another second model";
    }

    /**
     * Refuses cascades of tasks that do not say how sure they are.
     *
     * @throws IllegalArgumentException if there are such
     */
    static void requireConfidence(List<Task> tasks, Map<String, Cascade> cascades) {
        for (Task task : tasks) {
            if (cascades.containsKey(task.name()) && !Confidence.isKnownOf(task)) {
                throw new IllegalArgumentException(
                        "task '"
                                + task.name()
                                + "' cannot have a second model: only classifications say how sure"
                                + " they are");
            }
        }
    }

    /** The engine that all tasks ask first. */
    public InferenceEngine first() {
        return first;
    }

    int taskCount() {
        return routes.size();
    }

    TaskRoute route(int task) {
        return routes.get(task);
    }

    TaskRoute route(Task task) {
        return routes.stream()
                .filter(route -> route.task().name().equals(task.name()))
                .findFirst()
                .orElseThrow();
    }

    /** Changes with each second model and threshold; empty where there are none. */
    String cascadeVersion() {
        return cascadeVersion;
    }

    /**
     * Whether outcomes may answer equal texts later: a stand-in's, or a first answer that only
     * stands until the second engine has a budget again, are not what was asked for.
     */
    boolean keeps(List<TaskOutcome> outcomes) {
        for (int i = 0; i < routes.size(); i++) {
            if (!routes.get(i).keeps(outcomes.get(i))) {
                return false;
            }
        }
        return true;
    }

    /** What the engines have spent, by account. */
    Map<String, Spending> spending() {
        Map<String, Spending> spending = new LinkedHashMap<>();
        accounts.forEach((account, engine) -> spending.put(account, engine.spending()));
        return spending;
    }

    @Override
    public void close() {
        try {
            close(Optional.empty());
        } finally {
            RecordMethods.forgetJob();
        }
    }

    /** Closes the engines that are not shared with these. */
    void close(Optional<TaskEngines> kept) {
        List<InferenceEngine> mine = new ArrayList<>(seconds.values());
        mine.addAll(idle);
        mine.add(first);
        kept.ifPresent(others -> mine.removeAll(others.accounts.values()));
        RuntimeException failed = null;
        for (InferenceEngine engine : mine) {
            try {
                engine.close();
            } catch (RuntimeException e) {
                failed = e;
            }
        }
        if (failed != null) {
            throw failed;
        }
    }
}
