package io.headrace.operators;

import io.headrace.inference.InferenceEngine;
import io.headrace.inference.ServiceClass;
import io.headrace.inference.Spending;
import io.headrace.operators.task.Task;
import io.headrace.operators.task.TaskSet;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
        for (Task task : tasks.tasks()) {
            if (cascades.containsKey(task.name())) {
                requireConfidence(task);
            }
        }
        // Those of other operators' tasks are theirs.
        cascades.keySet().retainAll(tasks.tasks().stream().map(Task::name).toList());
        first = opened(provider, openings, beside);
        try {
            for (Cascade cascade : cascades.values()) {
                if (!seconds.containsKey(cascade.second())) {
                    seconds.put(cascade.second(), opened(cascade.second(), openings, beside));
                }
            }
        } catch (RuntimeException | Error e) {
            close(beside);
            throw e;
        }
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
     *     with them, so that it is not spent twice, and until one of both is closed
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
        InferenceEngine engine =
                beside.flatMap(others -> others.spender(account, provider.alone()))
                        .orElseGet(() -> provider.open(openings.apply(account)));
        accounts.put(account, engine);
        spenders.put(account, provider.alone());
        return engine;
    }

    private Optional<InferenceEngine> spender(String account, EngineProvider provider) {
        if (!accounts.containsKey(account)) {
            return Optional.empty();
        }
        if (!spenders.get(account).equals(provider)) {
            throw new IllegalArgumentException(
                    "the limits, prices or budget of "
                            + account
                            + " cannot change while it is asked; stop the job with a savepoint");
        }
        return Optional.of(accounts.get(account));
    }

    private static void requireConfidence(Task task) {
        if (!Confidence.isKnownOf(task)) {
            throw new IllegalArgumentException(
                    "task '"
                            + task.name()
                            + "' cannot have a second model: only classifications say how sure"
                            + " they are");
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

    /** What the engines have spent, by account. */
    Map<String, Spending> spending() {
        Map<String, Spending> spending = new LinkedHashMap<>();
        accounts.forEach((account, engine) -> spending.put(account, engine.spending()));
        return spending;
    }

    /** The same of those engines that are not shared with these. */
    Map<String, Spending> spendingWithout(TaskEngines others) {
        Map<String, Spending> spending = spending();
        spending.keySet().removeAll(others.accounts.keySet());
        return spending;
    }

    @Override
    public void close() {
        close(Optional.empty());
    }

    /** Closes the engines that are not shared with these. */
    void close(Optional<TaskEngines> kept) {
        List<InferenceEngine> mine = new ArrayList<>(seconds.values());
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
