package io.headrace.sql;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The module knows the engine and the tasks, and neither Kafka nor the job. */
@AnalyzeClasses(packages = "io.headrace.sql", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule SQL_NEEDS_NO_KAFKA_AND_NO_JOB =
            noClasses()
                    .that()
                    .resideInAPackage("io.headrace.sql..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            "org.apache.kafka..",
                            "io.headrace.connectors..",
                            "io.headrace.jobs..",
                            "com.sun.jna..",
                            "io.headrace.inference.llama..",
                            "io.headrace.inference.cpu..");

    /** Only the script runner may need what Flink's distribution keeps in opt/. */
    @ArchTest
    static final ArchRule THE_PROVIDER_NEEDS_NO_GATEWAY =
            noClasses()
                    .that()
                    .resideInAPackage("io.headrace.sql")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            "org.apache.flink.table.gateway..", "io.headrace.sql.script..");
}
