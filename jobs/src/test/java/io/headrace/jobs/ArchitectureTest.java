package io.headrace.jobs;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "io.headrace", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule CONNECTORS_KNOW_NOTHING_OF_MODELS =
            noClasses()
                    .that()
                    .resideInAPackage("io.headrace.connectors..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage("io.headrace.inference..", "io.headrace.operators..");

    @ArchTest
    static final ArchRule ONLY_THE_BINDINGS_TOUCH_NATIVE_CODE =
            noClasses()
                    .that()
                    .resideOutsideOfPackages(
                            "io.headrace.inference.llama..",
                            "io.headrace.inference.cpu..",
                            "io.headrace.inference.logits..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("com.sun.jna..");

    @ArchTest
    static final ArchRule NOTHING_DEPENDS_ON_JOBS =
            noClasses()
                    .that()
                    .resideOutsideOfPackage("io.headrace.jobs..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("io.headrace.jobs..");
}
