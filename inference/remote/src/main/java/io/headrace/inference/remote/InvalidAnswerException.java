package io.headrace.inference.remote;

/** A server's answer is not what was asked for. The message is one sentence. */
final class InvalidAnswerException extends RuntimeException {

    private static final long serialVersionUID = 1;

    InvalidAnswerException(String message) {
        super(message);
    }
}
