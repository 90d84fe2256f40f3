package io.proxytune.core;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** Dependencies go one way. */
class ArchitectureTest {
  private static final JavaClasses CODE =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.proxytune");

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

  @Test
  void decodingKnowsNoTensor() {
    noClasses()
        .that()
        .resideInAnyPackage("io.proxytune.core.decode..", "io.proxytune.core.sampling..")
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
        .resideInAnyPackage("io.proxytune.core.decode..", "io.proxytune.core.sampling..")
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
        .resideInAnyPackage("io.proxytune", "io.proxytune.spi")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.proxytune.core..")
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
