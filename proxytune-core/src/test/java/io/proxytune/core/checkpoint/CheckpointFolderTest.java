package io.proxytune.core.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.proxytune.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointFolderTest {
  private static final String INDEX = "model.safetensors.index.json";

  @TempDir Path parent;
  private Path folder;

  @BeforeEach
  void createFolder() throws IOException {
    folder = Files.createDirectory(parent.resolve("tiny"));
  }

  @Test
  void opensASingleFile() {
    new TinyLlama().write(folder);

    CheckpointFolder checkpoint = CheckpointFolder.open(folder);

    assertThat(checkpoint.name()).isEqualTo("tiny");
    assertThat(checkpoint.path()).isEqualTo(folder);
    assertThat(checkpoint.tensors()).hasSize(21);
    assertThat(checkpoint.tensors().get("lm_head.weight").file())
        .isEqualTo(folder.resolve("model.safetensors"));
  }

  @Test
  void opensShards() {
    new TinyLlama().writeSharded(folder, 3);

    CheckpointFolder checkpoint = CheckpointFolder.open(folder);

    assertThat(checkpoint.tensors()).hasSize(21);
    assertThat(checkpoint.tensors().values())
        .extracting(StoredTensor::file)
        .contains(folder.resolve("model-00001-of-00003.safetensors"))
        .contains(folder.resolve("model-00003-of-00003.safetensors"));
  }

  @Test
  void opensShardsThroughARelativePath() {
    new TinyLlama().writeSharded(folder, 2);
    Path relative = Path.of("").toAbsolutePath().relativize(folder);

    assertThat(CheckpointFolder.open(relative).tensors()).hasSize(21);
    assertThat(CheckpointFolder.open(folder.resolve("..").resolve("tiny")).name())
        .isEqualTo("tiny");
  }

  @Test
  void opensLinksAsTheHubCacheHasThem() throws IOException {
    new TinyLlama().write(folder);
    Path snapshot = Files.createDirectory(parent.resolve("snapshot"));
    for (String name : new String[] {"config.json", "model.safetensors"}) {
      Files.createSymbolicLink(snapshot.resolve(name), folder.resolve(name));
    }

    assertThat(CheckpointFolder.open(snapshot).tensors()).hasSize(21);
  }

  @ParameterizedTest
  @ValueSource(strings = {"config.json", "model.safetensors"})
  void refusesALinkThatLeadsNowhere(String name) throws IOException {
    new TinyLlama().write(folder);
    Files.delete(folder.resolve(name));
    Files.createSymbolicLink(folder.resolve(name), Path.of("gone"));
    assertRefused(folder, folder.resolve(name).toString(), "leads nowhere", "download it");
  }

  @Test
  void prefersTheSingleFileToAnIndex() throws IOException {
    new TinyLlama().write(folder);
    Files.writeString(folder.resolve(INDEX), "no JSON");

    assertThat(CheckpointFolder.open(folder).tensors()).hasSize(21);
  }

  @Test
  void refusesAFolderThatDoesNotExist() {
    assertRefused(parent.resolve("gone"), "gone does not exist", "path of a downloaded");
  }

  @Test
  void refusesAFile() {
    new TinyLlama().write(folder);
    Path file = folder.resolve("model.safetensors");
    assertRefused(file, "expected a checkpoint folder, got the file " + file, "give the folder");
  }

  @Test
  void refusesAFolderWithoutConfig() throws IOException {
    new TinyLlama().write(folder);
    Files.delete(folder.resolve("config.json"));
    assertRefused(folder, folder + " has no config.json", "download it");
  }

  /** The first revision is the newest. */
  private Path cache(String model, String... revisions) throws IOException {
    Path cached = folder.resolve(model);
    FileTime time = FileTime.from(Instant.parse("2025-01-01T00:00:00Z"));
    for (String revision : revisions) {
      Path snapshot = Files.createDirectories(cached.resolve("snapshots/" + revision));
      new TinyLlama().write(snapshot);
      Files.setLastModifiedTime(snapshot, time);
      time = FileTime.from(time.toInstant().minusSeconds(60));
    }
    return cached;
  }

  @Test
  void namesTheRevisionInTheHubsCache() throws IOException {
    Path cached = cache("models--org--name", "0a1b", "2c3d");
    assertRefused(cached, "folder in the Hub's cache", cached.resolve("snapshots/0a1b").toString());
    Files.createDirectory(cached.resolve("refs"));
    Files.writeString(cached.resolve("refs/main"), "2c3d");
    assertRefused(cached, "folder in the Hub's cache", cached.resolve("snapshots/2c3d").toString());
    assertRefused(cached.resolve("snapshots"), "it holds revisions", "0a1b");
    assertRefused(folder, "cache of several models", cached.resolve("snapshots/2c3d").toString());
    Files.writeString(cached.resolve("refs/main"), "../../../etc");
    assertRefused(cached, cached.resolve("snapshots/0a1b").toString());
  }

  @Test
  void namesAGitLfsPointer() throws IOException {
    new TinyLlama().write(folder);
    String pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 101824\n";
    for (String name : new String[] {"model.safetensors", "config.json"}) {
      Files.writeString(folder.resolve(name), pointer);
      assertRefused(folder, name + " is a Git LFS pointer", "git lfs pull");
    }
  }

  @Test
  void refusesAConfigThatIsNoFile() throws IOException {
    new TinyLlama().write(folder);
    Files.delete(folder.resolve("config.json"));
    Files.createDirectory(folder.resolve("config.json"));
    assertRefused(folder, "config.json must be a file, got a folder");
  }

  @ParameterizedTest
  @ValueSource(strings = {"config.json", "model.safetensors"})
  void refusesAnUnreadableFile(String name) throws IOException {
    new TinyLlama().write(folder);
    Path file = folder.resolve(name);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("---------"));
    assumeFalse(Files.isReadable(file), "the superuser reads everything");
    assertRefused(folder, "cannot read " + file, "permission denied", "check");
  }

  /** An empty path is the working directory, and would leave a hole in the message. */
  @Test
  void namesTheFolderOfAnEmptyPath() {
    assertThatThrownBy(() -> CheckpointFolder.open(Path.of("")))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining(Path.of("").toAbsolutePath() + " has no config.json");
  }

  @ParameterizedTest
  @CsvSource({
    "'', must hold a JSON object",
    "'[1]', 'must hold a JSON object, got [1]'",
    "'{\"a\": }', 'is not valid JSON: line 1, column'",
    "'{} x', is not valid JSON",
    "'{\"a\": 1, \"a\": 2}', 'the key \"a\" occurs again'"
  })
  void refusesAConfigThatIsNoJsonObject(String text, String problem) throws IOException {
    new TinyLlama().write(folder);
    Files.writeString(folder.resolve("config.json"), text);
    assertRefused(folder, "config.json", problem, "download");
  }

  @Test
  void refusesAFolderWithoutWeights() throws IOException {
    writeConfigOnly();
    assertRefused(folder, folder + " has neither model.safetensors nor " + INDEX, "download one");
  }

  @ParameterizedTest
  @CsvSource({
    "pytorch_model.bin, save_pretrained",
    "pytorch_model-00001-of-00002.bin, save_pretrained",
    "rank0.pt, save_pretrained",
    "consolidated.00.pth, consolidated files of Meta or Mistral AI",
    "consolidated.safetensors, consolidated files of Meta or Mistral AI",
    "params.json, convert_llama_weights_to_hf.py",
    "quantize_config.json, quantized already (GPTQ or AWQ)",
    "gptq_model-4bit-128g.safetensors, --quantize",
    "flax_model.msgpack, another framework",
    "diffusion.safetensors, rename the weights to model.safetensors",
    "adapters.safetensors, withAdapter",
    "tiny.Q4_K.gguf, GGUF",
    "model-00001-of-00002.safetensors, without model.safetensors.index.json",
    "adapter_model.safetensors, withAdapter"
  })
  void saysHowToConvertOtherFormats(String name, String advice) throws IOException {
    writeConfigOnly();
    Files.createFile(folder.resolve(name));
    assertRefused(folder, folder + " has neither model.safetensors", advice);
  }

  @Test
  void saysWhatALoraAdapterIs() throws IOException {
    Files.createFile(folder.resolve("adapter_config.json"));
    assertRefused(folder, "has no config.json", "LoRA adapter", "withAdapter");
  }

  @Test
  void refusesAMissingShard() throws IOException {
    new TinyLlama().writeSharded(folder, 3);
    Files.delete(folder.resolve("model-00002-of-00003.safetensors"));
    assertRefused(
        folder, INDEX, "names 3 shards, but 1 of them are missing", "00002-of", "download them");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../outside.safetensors",
        "/outside.safetensors",
        "sub/../../outside.safetensors",
        "..",
        ".",
        "",
        "nul\\u0000"
      })
  void refusesAShardOutsideTheFolder(String name) throws IOException {
    new SafetensorsWriter().write(parent.resolve("outside.safetensors"));
    writeIndex("{\"weight_map\": {\"a.weight\": \"" + name + "\"}}");
    assertRefused(folder, INDEX, "\"a.weight\" must be a file name inside the checkpoint", "trust");
  }

  @Test
  void refusesAShardThatIsNoName() throws IOException {
    writeIndex("{\"weight_map\": {\"a.weight\": 7}}");
    assertRefused(folder, INDEX, "\"a.weight\" must be a file name", "got 7");
  }

  @ParameterizedTest
  @CsvSource({"'{}', nothing", "'{\"weight_map\": []}', []", "'{\"weight_map\": {}}', {}"})
  void refusesAnIndexWithoutAMap(String text, String got) throws IOException {
    writeIndex(text);
    assertRefused(folder, INDEX, "weight_map must be an object", "got " + got, "download it again");
  }

  /** Tied heads and buffers that were never saved; transformers reads only the shards' names. */
  @Test
  void anIndexMayListTensorsThatNoShardHas() throws IOException {
    new TinyLlama().writeSharded(folder, 2);
    replaceInIndex(
        "\"weight_map\" : {",
        "\"weight_map\" : {\"model.rotary_emb.inv_freq\": \"model-00002-of-00002.safetensors\",");
    assertThat(CheckpointFolder.open(folder).tensors()).hasSize(21);
    assertThat(DecoderCheckpoint.open(folder).all()).hasSize(21);
  }

  @Test
  void aTensorThatTheModelNeedsIsMissedWhateverTheIndexLists() throws IOException {
    new TinyLlama().remove("model.norm.weight").writeSharded(folder, 2);
    replaceInIndex(
        "\"weight_map\" : {",
        "\"weight_map\" : {\"model.norm.weight\": \"model-00002-of-00002.safetensors\",");
    assertThatThrownBy(() -> DecoderCheckpoint.open(folder))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("has no tensor \"model.norm.weight\"");
  }

  @Test
  void anIndexMayListATensorInAnotherShard() throws IOException {
    new TinyLlama().writeSharded(folder, 2);
    replaceInIndex(
        "\"model.embed_tokens.weight\" : \"model-00001",
        "\"model.embed_tokens.weight\" : \"model-00002");
    assertThat(CheckpointFolder.open(folder).tensors().get("model.embed_tokens.weight").file())
        .isEqualTo(folder.resolve("model-00001-of-00002.safetensors"));
  }

  /** As in transformers, which reads the shards in the order of their names. */
  @Test
  void ofATensorInTwoShardsTheLastOneCounts() throws IOException {
    new TinyLlama().writeSharded(folder, 2);
    Files.copy(
        folder.resolve("model-00001-of-00002.safetensors"),
        folder.resolve("model-00003-of-00003.safetensors"));
    replaceInIndex(
        "\"lm_head.weight\" : \"model-00001-of-00002",
        "\"lm_head.weight\" : \"model-00003-of-00003");
    assertThat(CheckpointFolder.open(folder).tensors().get("model.embed_tokens.weight").file())
        .isEqualTo(folder.resolve("model-00003-of-00003.safetensors"));
  }

  @Test
  void refusesADamagedShard() throws IOException {
    new TinyLlama().writeSharded(folder, 2);
    Files.write(folder.resolve("model-00002-of-00002.safetensors"), new byte[3]);
    assertRefused(folder, "model-00002-of-00002.safetensors must have at least 8 bytes, got 3");
  }

  private void writeConfigOnly() throws IOException {
    new TinyLlama().write(folder);
    Files.delete(folder.resolve("model.safetensors"));
  }

  private void writeIndex(String text) throws IOException {
    writeConfigOnly();
    Files.writeString(folder.resolve(INDEX), text);
  }

  private void replaceInIndex(String old, String replacement) throws IOException {
    String text = Files.readString(folder.resolve(INDEX));
    assertThat(text).contains(old);
    Files.writeString(folder.resolve(INDEX), text.replace(old, replacement));
  }

  private static void assertRefused(Path path, String... parts) {
    assertThatThrownBy(() -> CheckpointFolder.open(path))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContainingAll(parts);
  }
}
