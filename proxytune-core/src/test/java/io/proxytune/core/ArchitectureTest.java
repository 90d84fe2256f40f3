package io.proxytune.core;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.fasterxml.jackson.core.TokenStreamFactory;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** Dependencies go one way. */
class ArchitectureTest {
  private static final String[] API = {
    "io.proxytune", "io.proxytune.spi", "io.proxytune.model", "io.proxytune.internal"
  };

  private static final JavaClasses CODE =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.proxytune");

  /** What turns requests into tokens and text. */
  private static final String[] DECODING = {
    "io.proxytune.core.constraint..",
    "io.proxytune.core.decode..",
    "io.proxytune.core.engine..",
    "io.proxytune.core.ensemble..",
    "io.proxytune.core.prefix..",
    "io.proxytune.core.prompt..",
    "io.proxytune.core.sampling..",
    "io.proxytune.core.session..",
    "io.proxytune.core.speculation..",
    "io.proxytune.core.text..",
    "io.proxytune.core.tuner.."
  };

  @Test
  void onlyTheTorchPackagesKnowLibTorch() {
    noClasses()
        .that()
        .resideOutsideOfPackage("io.proxytune.core.torch..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.bytedeco..")
        .check(CODE);
  }

  /** Others' mappers, also those behind {@code toString}, keep buffers on callers' threads. */
  @Test
  void jsonIsReadAndWrittenWithMappersThatLeaveThreadsAlone() {
    DescribedPredicate<JavaCall<?>> keepsBuffers =
        DescribedPredicate.describe(
            "a mapper of Jackson's own",
            call -> {
              JavaClass owner = call.getTargetOwner();
              boolean isNode = owner.isAssignableTo(JsonNode.class);
              boolean isMapper =
                  owner.isAssignableTo(ObjectMapper.class)
                      || owner.isAssignableTo(TokenStreamFactory.class);
              return call.getName()
                  .matches(
                      isNode ? "to(Pretty)?String" : isMapper ? "<init>|builder" : "none of them");
            });
    noClasses()
        .that()
        .doNotHaveFullyQualifiedName("io.proxytune.core.files.JsonOutput")
        .and()
        .doNotHaveFullyQualifiedName("io.proxytune.core.files.JsonText")
        .should()
        .callCodeUnitWhere(keepsBuffers)
        .check(CODE);
    noClasses()
        .that()
        .haveSimpleName("JsonText")
        .should()
        .callMethod(JsonNode.class, "toString")
        .check(CODE);
  }

  @Test
  void decodingKnowsNoTensor() {
    noClasses()
        .that()
        .resideInAnyPackage(DECODING)
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.proxytune.core.torch..")
        .check(CODE);
  }

  @Test
  void trainingsTensorsKnowNothingOfItsLoopAndData() {
    noClasses()
        .that()
        .resideInAPackage("io.proxytune.core.torch..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.proxytune.core.training..")
        .check(CODE);
  }

  @Test
  void decodingAndTrainingKnowNothingOfEachOther() {
    noClasses()
        .that()
        .resideInAnyPackage("io.proxytune.core.training..", "io.proxytune.core.torch.training..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(DECODING)
        .check(CODE);
  }

  /** From a request down to the rows of logits: each knows only those below it. */
  @Test
  void theLayersOfDecodingGoOneWay() {
    layeredArchitecture()
        .consideringOnlyDependenciesInLayers()
        .layer("tuner")
        .definedBy("io.proxytune.core.tuner..")
        .layer("engine")
        .definedBy("io.proxytune.core.engine..")
        .layer("decode")
        .definedBy("io.proxytune.core.decode..")
        .layer("speculation")
        .definedBy("io.proxytune.core.speculation..")
        .layer("session")
        .definedBy("io.proxytune.core.session..")
        .layer("prompt")
        .definedBy("io.proxytune.core.prompt..")
        .layer("ensemble")
        .definedBy("io.proxytune.core.ensemble..")
        .layer("prefix")
        .definedBy("io.proxytune.core.prefix..")
        .layer("text")
        .definedBy("io.proxytune.core.text..")
        .layer("sampling")
        .definedBy("io.proxytune.core.sampling..")
        .whereLayer("tuner")
        .mayNotBeAccessedByAnyLayer()
        .whereLayer("engine")
        .mayOnlyBeAccessedByLayers("tuner")
        .whereLayer("decode")
        .mayOnlyBeAccessedByLayers("engine", "tuner")
        .whereLayer("speculation")
        .mayOnlyBeAccessedByLayers("decode", "tuner")
        .whereLayer("session")
        .mayOnlyBeAccessedByLayers("speculation", "decode")
        .whereLayer("prompt")
        .mayOnlyBeAccessedByLayers("session", "decode")
        .whereLayer("text")
        .mayOnlyBeAccessedByLayers("decode", "tuner")
        .whereLayer("sampling")
        .mayNotAccessAnyLayer()
        .whereLayer("text")
        .mayNotAccessAnyLayer()
        .whereLayer("prefix")
        .mayNotAccessAnyLayer()
        .whereLayer("ensemble")
        .mayOnlyAccessLayers("sampling", "prefix")
        .check(CODE);
  }

  @Test
  void readingCheckpointsKnowsNoNativeCode() {
    noClasses()
        .that()
        .resideInAPackage("io.proxytune.core.checkpoint..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.proxytune.core.torch..", "ai.djl..")
        .check(CODE);
  }

  @Test
  void theApiKnowsNoImplementation() {
    noClasses()
        .that()
        .resideInAnyPackage(API)
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.proxytune.core..")
        .check(CODE);
  }

  @Test
  void theApiNeedsNothingButTheJdk() {
    noClasses()
        .that()
        .resideInAnyPackage(API)
        .should()
        .dependOnClassesThat()
        .resideOutsideOfPackages("java..", "io.proxytune..", "org.jspecify..")
        .check(CODE);
  }

  @Test
  void whatApplicationsReadKnowsNothingOfWhatRunsAModel() {
    noClasses()
        .that()
        .resideInAnyPackage("io.proxytune", "io.proxytune.spi")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.proxytune.model")
        .check(CODE);
  }

  /** Whoever uses no framework loads none. */
  @Test
  void onlyTheAdaptersKnowTheirFrameworks() {
    noClasses()
        .that()
        .resideOutsideOfPackage("io.proxytune.core.langchain4j..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("dev.langchain4j..")
        .check(CODE);
    noClasses()
        .that()
        .resideOutsideOfPackage("io.proxytune.core.springai..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.springframework..", "reactor..", "org.reactivestreams..")
        .check(CODE);
    noClasses()
        .that()
        .resideOutsideOfPackage("io.proxytune.core.micrometer..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.micrometer..")
        .check(CODE);
    noClasses()
        .that()
        .resideOutsideOfPackages(
            "io.proxytune.core.langchain4j..",
            "io.proxytune.core.micrometer..",
            "io.proxytune.core.springai..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "io.proxytune.core.langchain4j..",
            "io.proxytune.core.micrometer..",
            "io.proxytune.core.springai..")
        .check(CODE);
  }

  @Test
  void internalPackagesHaveNoCycles() {
    slices().matching("io.proxytune.core.(**)").should().beFreeOfCycles().check(CODE);
  }

  @Test
  void theLibraryPrintsNothing() {
    noClasses()
        .should()
        .accessField(System.class, "out")
        .orShould()
        .accessField(System.class, "err")
        .check(CODE);
  }

  @Test
  void exceptionsHaveOneRoot() {
    classes()
        .that()
        .resideInAPackage("io.proxytune")
        .and()
        .areAssignableTo(Throwable.class)
        .should()
        .beAssignableTo(io.proxytune.ProxyTuneException.class)
        .check(CODE);
  }
}
