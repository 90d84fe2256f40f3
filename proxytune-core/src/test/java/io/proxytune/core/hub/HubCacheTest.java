package io.proxytune.core.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.proxytune.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Models are found in the cache of Hugging Face's tools. */
class HubCacheTest {
  private static final String QWEN = "Qwen/Qwen2.5-0.5B";
  private static final String OLD = "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567";
  private static final String NEW = "9f8e7d6c5b4a39281706f5e4d3c2b1a098765432";
  private static final String INDEX = "model.safetensors.index.json";
  private static final String SHARDS =
      "{\"weight_map\": {\"a\": \"model-00001-of-00003.safetensors\","
          + " \"b\": \"model-00002-of-00003.safetensors\","
          + " \"c\": \"model-00003-of-00003.safetensors\"}}";

  @TempDir Path temp;
  private Path root;
  private MadeCache made;
  private HubCache cache;

  @BeforeEach
  void open() {
    root = temp.resolve("hub");
    made = new MadeCache(root, true);
    cache = HubCache.of(Map.of("HF_HUB_CACHE", root.toString()), temp);
  }

  private Path find(String name) {
    return cache.find(HubName.parse(name).orElseThrow());
  }

  private void assertRefused(String name, String... parts) {
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> find(name))
        .satisfies(e -> assertThat(e.getMessage()).contains(name).contains(parts));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void findsWhatMainIs(boolean links) throws IOException {
    made = new MadeCache(root, links);
    Path old = made.revision(QWEN, OLD, "config.json", "model.safetensors");
    Path main = made.revision(QWEN, NEW, "config.json", "model.safetensors");
    made.time(QWEN, NEW, 0);
    made.time(QWEN, OLD, 1);
    made.ref(QWEN, "main", NEW);
    made.ref(QWEN, "v1", OLD + "\n");
    made.ref(QWEN, "refs/pr/3", OLD);

    assertThat(find(QWEN)).isEqualTo(main);
    assertThat(find(QWEN + "@main")).isEqualTo(main);
    assertThat(find(QWEN + "@v1")).isEqualTo(old);
    assertThat(find(QWEN + "@refs/pr/3")).isEqualTo(old);
    assertThat(find(QWEN + "@" + OLD)).isEqualTo(old);
    assertThat(find(QWEN + "@0a1B")).isEqualTo(old);
  }

  @Test
  void findsAModelWithoutOwner() throws IOException {
    Path gpt2 = made.revision("gpt2", NEW, "config.json", "model.safetensors");
    assertThat(find("gpt2")).isEqualTo(gpt2);
    assertThat(find("gpt2@9f8e7d6c")).isEqualTo(gpt2);
  }

  @Test
  void findsTheNewestWhereMainIsNotKnown() throws IOException {
    made.revision(QWEN, OLD, "config.json", "model.safetensors");
    made.revision(QWEN, NEW, "config.json", "model.safetensors");
    made.time(QWEN, OLD, 1);
    made.time(QWEN, NEW, 2);
    assertThat(find(QWEN)).endsWithRaw(Path.of(NEW));
    made.time(QWEN, OLD, 3);
    assertThat(find(QWEN)).endsWithRaw(Path.of(OLD));
  }

  @Test
  void findsTheNewestCompleteRevisionWhereMainIsCutShort() throws IOException {
    made.revision(QWEN, OLD, "config.json", "model.safetensors");
    made.revision(QWEN, NEW, "config.json");
    made.ref(QWEN, "main", NEW);
    assertThat(find(QWEN)).endsWithRaw(Path.of(OLD));
    assertRefused(QWEN + "@main", NEW, "lacks model.safetensors", "--revision main");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void seesEachShardThatIsMissing(boolean links) throws IOException {
    made = new MadeCache(root, links);
    made.revision(QWEN, NEW, "config.json", "model-00002-of-00003.safetensors");
    assertRefused(QWEN, "lacks " + INDEX);
    made.add(QWEN, NEW, INDEX, SHARDS);
    assertRefused(
        QWEN,
        "is not complete in the Hugging Face cache",
        "lacks model-00001-of-00003.safetensors, model-00003-of-00003.safetensors)",
        "download it: hf download Qwen/Qwen2.5-0.5B");
    made.add(QWEN, NEW, "model-00001-of-00003.safetensors", "");
    made.add(QWEN, NEW, "model-00003-of-00003.safetensors", "");
    assertThat(find(QWEN)).endsWithRaw(Path.of(NEW));
  }

  @Test
  void saysThatADownloadWasCutShort() throws IOException {
    made.revision(QWEN, NEW, "config.json", "tokenizer.json");
    Files.writeString(made.model(QWEN).resolve("blobs/4d7a.incomplete"), "");
    assertRefused(QWEN, "lacks model.safetensors, and a download was cut short or is under way");
    made.add(QWEN, NEW, "model.safetensors", "");
    assertThat(find(QWEN)).endsWithRaw(Path.of(NEW)); // what is under way is another file
  }

  @Test
  void aLinkThatLeadsNowhereIsMissing() throws IOException {
    Path snapshot = made.revision(QWEN, NEW, "config.json", "model.safetensors");
    Files.createSymbolicLink(snapshot.resolve("tokenizer.json"), Path.of("../../blobs/gone"));
    Files.createSymbolicLink(snapshot.resolve("README.md"), Path.of("../../blobs/gone"));
    assertRefused(QWEN, "lacks tokenizer.json)");
  }

  @ParameterizedTest
  @CsvSource({
    "adapter_config.json, adapter_model.safetensors",
    "adapter_config.json, adapter_model.bin",
    "config.json, pytorch_model.bin",
    "config.json, model-q4.gguf",
    "config.json, consolidated.safetensors"
  })
  void adaptersAndOtherFormatsAreForOthersToOpen(String config, String weights) throws IOException {
    made.revision(QWEN, NEW, config, "training_args.bin", "optimizer.pt");
    assertRefused(QWEN, "lacks ", "model.safetensors");
    made.add(QWEN, NEW, weights, "");
    assertThat(find(QWEN)).endsWithRaw(Path.of(NEW));
  }

  @Test
  void aDamagedIndexIsForOthersToRefuse() throws IOException {
    made.revision(QWEN, NEW, "config.json");
    made.add(QWEN, NEW, INDEX, "{");
    assertThat(find(QWEN)).endsWithRaw(Path.of(NEW));
    made.revision(QWEN, OLD, "config.json");
    made.add(QWEN, OLD, INDEX, "{\"weight_map\": {\"a\": \"../../../../etc/gone\"}}");
    assertThat(find(QWEN + "@" + OLD)).endsWithRaw(Path.of(OLD));
  }

  @Test
  void saysWhereItLookedAndHowToDownload() throws IOException {
    assertRefused(
        QWEN,
        "model Qwen/Qwen2.5-0.5B is neither a folder nor in the Hugging Face cache",
        "(looked in " + root + ", set by HF_HUB_CACHE)",
        "download it: hf download Qwen/Qwen2.5-0.5B");
    assertRefused(QWEN + "@v2", "hf download Qwen/Qwen2.5-0.5B --revision v2");
    made.revision("qwen/qwen2.5-0.5b", NEW, "config.json", "model.safetensors");
    made.revision("openai-community/gpt2", NEW, "config.json", "model.safetensors");
    assertRefused("gpt2", "; it has openai-community/gpt2");
    assertRefused("Qwen/qwen2.5-0.5B", "; it has qwen/qwen2.5-0.5b");
  }

  @Test
  void namesTheRevisionsThatAreThere() throws IOException {
    made.revision(QWEN, OLD, "config.json", "model.safetensors");
    made.revision(QWEN, NEW, "config.json", "model.safetensors");
    made.ref(QWEN, "main", NEW);
    made.ref(QWEN, "refs/pr/3", OLD);
    for (String revision : new String[] {"v2", "0a1", "dddd", "0a1b2c3d4e5f6071f"}) {
      assertRefused(
          QWEN + "@" + revision,
          "is not in the Hugging Face cache",
          "has the revisions main, refs/pr/3, 0a1b2c3d, 9f8e7d6c",
          "--revision " + revision);
    }
  }

  @Test
  void wantsMoreOfAHashThatSeveralBeginWith() throws IOException {
    made.revision(QWEN, "abcd1", "config.json", "model.safetensors");
    made.revision(QWEN, "abcd2", "config.json", "model.safetensors");
    assertRefused(QWEN + "@abcd", "abcd1, abcd2", "give more of the one that is meant");
    assertThat(find(QWEN + "@abcd1")).endsWithRaw(Path.of("abcd1"));
  }

  @Test
  void aCacheMayBeOddOrDamaged() throws IOException {
    Files.createDirectories(made.model(QWEN));
    assertRefused(QWEN, "has no revision of it");
    made.ref(QWEN, "main", NEW);
    assertRefused(QWEN, "has no revision of it");
    assertRefused(QWEN + "@main", "names a revision that is not there");
    made.ref(QWEN, "main", "../../../etc");
    made.revision(QWEN, NEW, "config.json", "model.safetensors");
    assertThat(find(QWEN)).endsWithRaw(Path.of(NEW));
    assertRefused(QWEN + "@main", "has the revisions main, 9f8e7d6c");
    Files.writeString(Files.createDirectories(root).resolve("version.txt"), "1");
    assertRefused("gpt2", "download it: hf download gpt2");
  }

  @Test
  void knowsTheNameOfARevisionsFolder() throws IOException {
    Path snapshot = made.revision(QWEN, NEW, "config.json");
    assertThat(HubCache.nameOf(snapshot)).hasToString("Optional[" + QWEN + "@" + NEW + "]");
    assertThat(HubCache.nameOf(snapshot.resolve("..").resolve(NEW))).isPresent();
    for (Path other : new Path[] {snapshot.getParent(), root, temp, Path.of("/"), Path.of("")}) {
      assertThat(HubCache.nameOf(other)).isEmpty();
    }
  }
}
