package io.headrace.operators;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "io.headrace", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule OPERATORS_WORK_WITHOUT_KAFKA_AND_WITHOUT_YAML =
            noClasses()
                    .that()
                    .resideInAPackage("io.headrace.operators..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            "org.apache.kafka..",
                            "org.apache.flink.connector.kafka..",
                            "com.fasterxml.jackson.dataformat.yaml..",
                            "io.headrace.connectors..",
                            "io.headrace.jobs..");

    @ArchTest
    static final ArchRule OPERATORS_TOUCH_NO_NATIVE_CODE =
            noClasses()
                    .that()
                    .resideInAPackage("io.headrace.operators..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            "com.sun.jna..",
                            "io.headrace.inference.llama..",
                            "io.headrace.inference.cpu..",
                            "io.headrace.inference.logits..");

    @ArchTest
    static final ArchRule INFERENCE_KNOWS_NOTHING_OF_FLINK_KAFKA_AND_AVRO =
            noClasses()
                    .that()
                    .resideInAPackage("io.headrace.inference..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            "org.apache.flink..", "org.apache.kafka..", "org.apache.avro..");

    @ArchTest
    static final ArchRule SCHEMAS_KNOW_NOTHING_OF_FLINK =
            noClasses()
                    .that()
                    .resideInAPackage("io.headrace.schemas..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage("org.apache.flink..", "io.headrace.inference..");
}
