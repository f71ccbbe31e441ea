package io.headrace.inference.isolation;

import io.headrace.inference.InferenceRequest;
import io.headrace.inference.InferenceResult;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;

/**
 * What was asked and is not answered yet, in order, whichever child is asked. Thread-safe; futures
 * complete outside of its lock.
 */
final class PendingCalls {

    /** A question that is no request, by its number. */
    interface Question {
        Message.Call message(long number);
    }

    /** One call; mutable fields are guarded by the lock. */
    final class Call {
        private final Message.Call message;
        private final InferenceRequest request;
        private final CompletableFuture<? super InferenceResult> result;
        private final CompletableFuture<Message.Reply> reply;
        private int children;
        private boolean givenUp;

        private Call(
                Message.Call message,
                InferenceRequest request,
                CompletableFuture<InferenceResult> result,
                CompletableFuture<Message.Reply> reply) {
            this.message = message;
            this.request = request;
            this.result = result;
            this.reply = reply;
        }

        long number() {
            return message.number();
        }

        Message message() {
            return message;
        }

        /** Notes that another child was asked. */
        void sent() {
            synchronized (lock) {
                children++;
            }
        }

        /** Notes that nobody wants the answer any more. */
        void giveUp() {
            synchronized (lock) {
                givenUp = true;
            }
        }

        private void end(Message.Reply answer) {
            if (reply != null) {
                reply.complete(answer);
            } else if (answer instanceof Message.Ended ended) {
                result.complete(ended.result());
            }
        }
    }

    private final Object lock = new Object();
    private final Map<Long, Call> calls = new LinkedHashMap<>();
    private final IdentityHashMap<InferenceRequest, Call> requests = new IdentityHashMap<>();
    private long lastNumber;

    /** Adds a request; null where it is here already. */
    Call add(InferenceRequest request, CompletableFuture<InferenceResult> result) {
        synchronized (lock) {
            if (requests.containsKey(request)) {
                return null;
            }
            Message.Call message = new Message.Submit(++lastNumber, request);
            Call call = new Call(message, request, result, null);
            calls.put(call.number(), call);
            requests.put(request, call);
            return call;
        }
    }

    /** Adds another question. */
    Call add(Question question, CompletableFuture<Message.Reply> reply) {
        synchronized (lock) {
            Call call = new Call(question.message(++lastNumber), null, null, reply);
            calls.put(call.number(), call);
            return call;
        }
    }

    /** Returns the call of a request, or null. */
    Call find(InferenceRequest request) {
        synchronized (lock) {
            return requests.get(request);
        }
    }

    List<Call> inOrder() {
        synchronized (lock) {
            return List.copyOf(calls.values());
        }
    }

    void complete(Message.Reply reply) {
        Call call;
        synchronized (lock) {
            call = calls.remove(reply.number());
            if (call != null && call.request != null) {
                requests.remove(call.request);
            }
        }
        if (call != null) {
            call.end(reply);
        }
    }

    /** Fails what two children were asked already. */
    void failRepeated(String reason) {
        end(call -> call.children >= 2, new InferenceResult.Failed(reason));
    }

    void failAll(String reason) {
        end(call -> true, new InferenceResult.Failed(reason));
    }

    void endGivenUp() {
        end(call -> call.givenUp, new InferenceResult.Cancelled());
    }

    private void end(Predicate<Call> which, InferenceResult result) {
        List<Call> ended = new ArrayList<>();
        synchronized (lock) {
            for (Call call : List.copyOf(calls.values())) {
                if (which.test(call)) {
                    calls.remove(call.number());
                    requests.remove(call.request);
                    ended.add(call);
                }
            }
        }
        ended.forEach(call -> call.end(new Message.Ended(call.number(), result)));
    }
}
