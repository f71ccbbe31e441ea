package io.headrace.jobs.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecretsTest {

    @TempDir Path folder;

    @Test
    void fillsInFilesAndVariables() throws Exception {
        Path secret = Files.writeString(folder.resolve("secret"), "s$1\\x\n");
        assertThat(Secrets.resolve("user:${file:" + secret + "}@${env:PATH}"))
                .isEqualTo("user:s$1\\x@" + System.getenv("PATH"));
        assertThat(Secrets.resolve("${other:x} ${env:")).isEqualTo("${other:x} ${env:");
    }

    @Test
    void saysWhichReferenceLeadsNowhere() {
        assertThatThrownBy(() -> Secrets.resolve("${env:HEADRACE_NOT_SET}"))
                .isInstanceOf(PipelineFileException.class)
                .hasMessageContaining("HEADRACE_NOT_SET");
        assertThatThrownBy(() -> Secrets.resolve("${file:" + folder.resolve("none") + "}"))
                .isInstanceOf(PipelineFileException.class)
                .hasMessageContaining("none");
    }
}
