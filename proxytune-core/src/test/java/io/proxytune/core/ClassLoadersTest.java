package io.proxytune.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.proxytune.core.natives.NativeFailure;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Natives that can't be loaded: each cause is named with its remedy. */
@Tag("slow")
class ClassLoadersTest {
  @TempDir Path temp;

  private static Path resources() {
    try {
      URL resource = ClassLoadersTest.class.getResource("/golden/models/trio");
      Path trio = Path.of(Objects.requireNonNull(resource).toURI());
      return Objects.requireNonNull(trio.resolve("../../..").normalize());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aSecondCopyOfTheNativesIsRefusedWithItsCause() throws Exception {
    List<String> lines = run(2);
    assertThat(lines.get(0)).startsWith("text: ");
    assertThat(lines.get(1))
        .contains("another class loader of this JVM", "ai.djl", "share a class loader");
    assertThat(NativeFailure.explain("LibTorch", "x.jar", new UnsatisfiedLinkError("no y"), "Z."))
        .isEqualTo("LibTorch can't be loaded (java.lang.UnsatisfiedLinkError: no y). Z.");
  }

  @Test
  void javaCppsLimitIsExplainedBeforeTheFirstAllocation() throws Exception {
    assertThat(run(1, "-Dorg.bytedeco.javacpp.maxPhysicalBytes=1m").get(0))
        .startsWith("DeviceException: JavaCPP refuses")
        .contains("-Dorg.bytedeco.javacpp.maxPhysicalBytes=0");
  }

  @Test
  void aCacheThatCantBeWrittenIsNamed() throws Exception {
    Path file = Files.createFile(temp.resolve("file"));
    assertThat(run(1, "-Duser.home=" + file).get(0))
        .contains(file.toString(), "can't be unpacked", "can be written, or name another folder");
    assertThat(run(1, "-Dorg.bytedeco.javacpp.cachedir=" + file).get(0))
        .contains("LibTorch", file.toString(), "-Dorg.bytedeco.javacpp.cachedir=FOLDER");
    assertThat(run(1, "-DDJL_CACHE_DIR=" + file).get(0))
        .contains("tokenizers", file.toString(), "DJL_CACHE_DIR");
  }

  @Test
  void tokenizersAreNotUnpackedAmongAllUsersFiles() throws Exception {
    Path home = Files.createDirectory(temp.resolve("home"));
    Path cache = Files.createDirectory(home.resolve(".djl.ai"));
    Path common = Files.createDirectory(temp.resolve("common"));
    assumeTrue(home.toFile().setWritable(false) && !Files.isWritable(home), "not as root");
    Path natives = Path.of(System.getProperty("user.home"), ".javacpp", "cache");
    List<String> lines =
        run(
            1,
            "-Duser.home=" + home,
            "-Djava.io.tmpdir=" + common,
            "-Dorg.bytedeco.javacpp.cachedir=" + natives);
    assertThat(lines.get(0)).startsWith("text: ");
    assertThat(common.resolve(".djl.ai")).doesNotExist();
    assertThat(cache).isNotEmptyDirectory();
  }

  /** On a thread that lives on; with the natives' bindings in a class loader of their own. */
  @Test
  void applicationsComeAndGo() throws Exception {
    List<String> lines =
        run(
            RedeploymentProgram.class,
            resources(),
            2,
            "--add-opens=java.base/java.lang=ALL-UNNAMED");
    String did = "did: true 1 19 refused";
    assertThat(lines).containsExactly(did, did, "collected: 2 of 2");
  }

  private List<String> run(int loaders, String... options) throws Exception {
    return run(
        LoadingProgram.class, resources().resolve("golden/models/trio/base"), loaders, options);
  }

  private List<String> run(Class<?> program, Path folder, int count, String... options)
      throws Exception {
    assumeTrue(Files.isWritable(Path.of(System.getProperty("user.home"))), "needs a home folder");
    Path log = temp.resolve("log");
    List<String> all =
        new ArrayList<>(List.of("-Xmx256m", "-XX:TieredStopAtLevel=1", "-Dproxytune.threads=1"));
    all.addAll(List.of(options));
    Process process =
        ChildJvm.of(program, all, folder, count)
            .redirectErrorStream(false)
            .redirectError(temp.resolve("errors").toFile())
            .redirectOutput(log.toFile())
            .start();
    int status = ChildJvm.end(process);
    assertThat(status).as(Files.readString(temp.resolve("errors"))).isZero();
    try (Stream<String> lines = Files.lines(log)) {
      return lines.toList();
    }
  }
}
