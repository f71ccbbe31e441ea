package io.headrace.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URL;
import java.net.URLClassLoader;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class DetachedTest {

    @Test
    void codeSeesNothingOfItsCaller() throws Exception {
        Thread caller = Thread.currentThread();
        ClassLoader before = caller.getContextClassLoader();
        try (URLClassLoader job = new URLClassLoader(new URL[0], before)) {
            caller.setContextClassLoader(job);
            assertThat(Detached.call(() -> Thread.currentThread().getContextClassLoader()))
                    .isSameAs(Detached.class.getClassLoader());
        } finally {
            caller.setContextClassLoader(before);
        }
        StackTraceElement[] stack = Detached.call(() -> new Throwable().getStackTrace());
        assertThat(Arrays.stream(stack).map(StackTraceElement::getMethodName))
                .doesNotContain("codeSeesNothingOfItsCaller");
    }

    @Test
    void aFailureIsTheCallersOwn() {
        ModelLoadException failure = new ModelLoadException("not there");
        assertThatThrownBy(
                        () ->
                                Detached.call(
                                        () -> {
                                            throw failure;
                                        }))
                .isSameAs(failure);
    }

    @Test
    void anInterruptedCallerGetsTheResultAndStaysInterrupted() {
        Thread.currentThread().interrupt();
        assertThat(Detached.call(() -> 7)).isEqualTo(7);
        assertThat(Thread.interrupted()).isTrue();
    }
}
