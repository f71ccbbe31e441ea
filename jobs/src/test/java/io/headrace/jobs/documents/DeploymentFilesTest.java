package io.headrace.jobs.documents;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.headrace.jobs.pipeline.PipelineFile;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.flink.api.common.resources.ExternalResource;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ExternalResourceOptions;
import org.apache.flink.configuration.GlobalConfiguration;
import org.apache.flink.configuration.JobManagerOptions;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.runtime.clusterframework.TaskExecutorProcessUtils;
import org.apache.flink.runtime.externalresource.ExternalResourceUtils;
import org.apache.flink.runtime.jobmanager.JobManagerProcessUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Compose, image and Kubernetes files, as far as that can be known without Docker. */
class DeploymentFilesTest {

    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final YAMLMapper YAML = new YAMLMapper();
    private static final String CRD = "META-INF/fabric8/flinkdeployments.flink.apache.org-v1.yml";

    @TempDir private Path folder;

    private static JsonNode read(String file) throws Exception {
        return YAML.readTree(ROOT.resolve(file).toFile());
    }

    private static Stream<JsonNode> elements(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false);
    }

    private static JsonNode services() throws Exception {
        return read("docker-compose.yml").path("services");
    }

    @Test
    void everyImageIsPinnedAndEveryServiceThatStaysIsWatched() throws Exception {
        assertThat(services()).hasSize(7);
        services()
                .properties()
                .forEach(
                        service -> {
                            assertThat(service.getValue().path("image").asText())
                                    .as(service.getKey())
                                    .matches(".+:v?\\d+\\.\\d+.*");
                            boolean ends = service.getKey().equals("topics");
                            assertThat(service.getValue().has("healthcheck"))
                                    .as(service.getKey())
                                    .isEqualTo(!ends);
                        });
    }

    @Test
    void everyServiceAndFileThatComposeNamesExists() throws Exception {
        JsonNode services = services();
        for (JsonNode service : services) {
            service.path("depends_on")
                    .fieldNames()
                    .forEachRemaining(name -> assertThat(services.has(name)).as(name).isTrue());
            elements(service.path("volumes"))
                    .map(volume -> volume.asText().split(":", 2)[0])
                    .filter(source -> source.startsWith("."))
                    .forEach(source -> assertThat(ROOT.resolve(source)).exists());
        }
    }

    @Test
    void flinkReadsTheConfigurationThatComposeGivesIt() throws Exception {
        String properties =
                services().path("jobmanager").path("environment").path("FLINK_PROPERTIES").asText();
        Files.writeString(folder.resolve("config.yaml"), properties);
        assertThat(
                        GlobalConfiguration.loadConfiguration(folder.toString())
                                .get(TaskManagerOptions.TASK_OFF_HEAP_MEMORY)
                                .getMebiBytes())
                .isEqualTo(1024);
    }

    @Test
    void thePipelineOfComposeIsTheExampleWithOtherAddresses() throws Exception {
        PipelineFile deployed = PipelineFile.read(ROOT.resolve("deploy/customer-messages.yaml"));
        PipelineFile example = PipelineFile.read(ROOT.resolve("examples/customer-messages.yaml"));
        assertThat(deployed.tasks().version()).isEqualTo(example.tasks().version());
        assertThat(deployed.modelPath()).isEqualTo(example.modelPath());
        JsonNode services = services();
        assertThat(services.has(deployed.pipeline().kafka().bootstrapServers().split(":", 2)[0]))
                .isTrue();
        assertThat(deployed.pipeline().schemaRegistry().url()).startsWith("http://registry:");
    }

    @Test
    void prometheusScrapesTheServicesOfCompose() throws Exception {
        List<String> hosts =
                elements(read("deploy/prometheus/prometheus.yml").path("scrape_configs"))
                        .flatMap(
                                job ->
                                        Stream.concat(
                                                job.findValues("targets").stream(),
                                                job.findValues("names").stream()))
                        .flatMap(DeploymentFilesTest::elements)
                        .map(target -> target.asText().split(":", 2)[0])
                        .toList();
        JsonNode services = services();
        assertThat(hosts).containsExactly("jobmanager", "taskmanager").allMatch(services::has);
    }

    @ParameterizedTest
    @ValueSource(strings = {"flinkdeployment.yaml", "flinkdeployment-gpu.yaml"})
    void theFlinkDeploymentHasNothingThatItsSchemaHasNot(String file) throws Exception {
        JsonNode schema;
        try (InputStream in = getClass().getClassLoader().getResourceAsStream(CRD)) {
            schema = YAML.readTree(in).at("/spec/versions/0/schema/openAPIV3Schema");
        }
        ObjectNode deployment = (ObjectNode) read("deploy/kubernetes/" + file);
        // The newest schema that Maven Central has knows no Flink 2; newer operators do.
        ((ObjectNode) deployment.path("spec")).put("flinkVersion", "v1_20");
        ((ObjectNode) schema.path("properties")).putObject("apiVersion");
        ((ObjectNode) schema.path("properties")).putObject("kind");
        ((ObjectNode) schema.path("properties")).putObject("metadata");
        refuseOthers(schema);
        assertThat(
                        SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                                .getSchema(schema)
                                .validate(deployment))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"flinkdeployment.yaml", "flinkdeployment-gpu.yaml"})
    void theMemoryOfThePodsHasRoomForAHeapBesideTheModels(String file) throws Exception {
        JsonNode spec = read("deploy/kubernetes/" + file).path("spec");
        Configuration flink = new Configuration();
        spec.path("flinkConfiguration")
                .properties()
                .forEach(entry -> flink.setString(entry.getKey(), entry.getValue().asText()));
        flink.set(
                JobManagerOptions.TOTAL_PROCESS_MEMORY,
                MemorySize.parse(spec.at("/jobManager/resource/memory").asText()));
        flink.set(
                TaskManagerOptions.TOTAL_PROCESS_MEMORY,
                MemorySize.parse(spec.at("/taskManager/resource/memory").asText()));
        assertThat(JobManagerProcessUtils.processSpecFromConfig(flink)).isNotNull();
        assertThat(TaskExecutorProcessUtils.processSpecFromConfig(flink).getTaskHeapSize())
                .isGreaterThan(MemorySize.ofMebiBytes(512));
    }

    @Test
    void flinkFindsTheGpusOfTheDeploymentUnderTheNameThatOperatorsAskFor() throws Exception {
        Configuration flink = new Configuration();
        read("deploy/kubernetes/flinkdeployment-gpu.yaml")
                .at("/spec/flinkConfiguration")
                .properties()
                .forEach(entry -> flink.setString(entry.getKey(), entry.getValue().asText()));
        assertThat(flink.get(ExternalResourceOptions.EXTERNAL_RESOURCE_LIST))
                .containsExactly("gpu");
        assertThat(ExternalResourceUtils.getExternalResourcesCollection(flink))
                .extracting(ExternalResource::getName)
                .containsExactly("gpu");
        assertThat(
                        ExternalResourceUtils.getExternalResourceConfigurationKeys(
                                flink, "kubernetes.config-key"))
                .containsEntry("gpu", "nvidia.com/gpu");
    }

    /** Kubernetes drops what a schema does not name, so a slip would go unseen. */
    private static void refuseOthers(JsonNode schema) {
        if (schema.has("properties") && !schema.has("x-kubernetes-preserve-unknown-fields")) {
            ((ObjectNode) schema).put("additionalProperties", false);
        }
        schema.forEach(DeploymentFilesTest::refuseOthers);
    }
}
