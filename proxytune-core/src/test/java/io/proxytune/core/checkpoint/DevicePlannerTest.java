package io.proxytune.core.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.proxytune.DeviceException;
import io.proxytune.core.DeviceMap;
import io.proxytune.core.DevicePlan;
import io.proxytune.core.LoadOptions;
import io.proxytune.core.Quantization;
import io.proxytune.core.TorchModels;
import io.proxytune.core.decoder.HeadSpec;
import io.proxytune.core.family.FamilyGolden;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Plans for devices that are made up. */
class DevicePlannerTest {
  /** Ten layers of 100 bytes, and 70 at the one end and 50 at the other. */
  private static final PartSizes SIZES = new PartSizes(70, Collections.nCopies(10, 100L), 50);

  private static final Map<String, Long> FREE = Map.of("cuda:0", 500L, "cuda:1", 400L);

  private static DevicePlan plan(String map) {
    return DevicePlanner.plan(
        "model",
        SIZES,
        DeviceMap.parse(map).parts(),
        device ->
            FREE.containsKey(device) ? OptionalLong.of(FREE.get(device)) : OptionalLong.empty());
  }

  private static String text(DevicePlan plan) {
    return String.join(
        " ",
        plan.parts().stream()
            .map(
                part ->
                    "%s:%s-%s(%s)"
                        .formatted(part.device(), part.firstLayer(), part.endLayer(), part.bytes()))
            .toList());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "cpu                            | cpu:0-10(1120)",
        "cuda:0                         | cuda:0:0-10(1120)",
        "cuda:0=4,cpu                   | cuda:0:0-4(470) cpu:4-10(650)",
        "cpu=1,cuda:0=9                 | cpu:0-1(170) cuda:0:1-10(950)",
        // 450 of 500 bytes may be taken, and 360 of 400
        "cuda:0,cpu                     | cuda:0:0-3(370) cpu:3-10(750)",
        "cuda:0,cuda:1,cpu              | cuda:0:0-3(370) cuda:1:3-6(300) cpu:6-10(450)",
        // the head does not fit beside the last layer
        "cuda:0=7,cuda:1=0.00000034GB,cpu | cuda:0:0-7(770) cuda:1:7-9(200) cpu:9-10(150)",
        // no layer fits beside the embedding
        "cuda:1=0.00000016GB,cpu        | cpu:0-10(1120)",
        "cpu=2,cpu=3,cpu                | cpu:0-2(270) cpu:2-5(300) cpu:5-10(550)"
      })
  void layersGoToDevicesInTheirOrder(String map, String expected) {
    assertThat(text(plan(map))).isEqualTo(expected);
  }

  /** Whatever there is: every layer once and in order, and no device has more than it may. */
  @Test
  void everyLayerIsPlacedOnceWithinTheMemory() {
    Random random = new Random(5);
    for (int round = 0; round < 500; round++) {
      List<Long> layers = random.longs(1 + random.nextInt(40), 1, 200).boxed().toList();
      PartSizes sizes = new PartSizes(random.nextInt(400), layers, random.nextInt(400));
      long[] free = random.longs(4, 1, 1500).toArray();
      List<DeviceMap.Part> parts = DeviceMap.parse("cuda:0,cuda:1,cuda:2,cuda:3,cpu").parts();
      DevicePlan plan =
          DevicePlanner.plan(
              "model",
              sizes,
              parts,
              device -> OptionalLong.of(free[Integer.parseInt(device.substring(5))]));
      int next = 0;
      for (DevicePlan.Part part : plan.parts()) {
        assertThat(part.firstLayer()).isEqualTo(next);
        assertThat(part.layers()).isPositive();
        next = part.endLayer();
        if (!part.device().equals("cpu")) {
          assertThat((double) part.bytes())
              .isLessThanOrEqualTo(0.9 * free[Integer.parseInt(part.device().substring(5))]);
        }
      }
      assertThat(next).isEqualTo(layers.size());
      assertThat(plan.parts().stream().mapToLong(DevicePlan.Part::bytes).sum())
          .isEqualTo(
              sizes.embedding() + layers.stream().mapToLong(Long::longValue).sum() + sizes.head());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "cuda:0=11,cpu         | model has 10 layers, and the device map places 11 or more",
        "cuda:0=4,cpu=5        | the device map cuda:0=4,cpu=5 has room for 9 of 10 layers",
        "cpu=0.00000035GB      | has room for 2 of 10 layers",
        "cuda:7,cpu            | cuda:7 does not tell how much of its memory is free"
      })
  void whatDoesNotFitIsRefused(String map, String message) {
    assertThatExceptionOfType(DeviceException.class)
        .isThrownBy(() -> plan(map))
        .withMessageContaining(message);
  }

  /** A router, which is never rounded, among them. */
  @ParameterizedTest
  @ValueSource(strings = {"none", "int8", "int4:32"})
  void partsTakeWhatTheWholeTakes(String quantization, @TempDir Path folder) {
    Quantization rounding = Quantization.parse(quantization);
    FamilyGolden.of("qwen2-moe").write(folder);
    DecoderCheckpoint checkpoint = DecoderCheckpoint.open(folder);
    PartSizes sizes = PartSizes.of(checkpoint.spec(), rounding, 2);
    HeadSpec head = checkpoint.spec().head();
    long twice = head.tied() ? head.linear().elements() * 2 : 0;
    assertThat(
            sizes.embedding()
                + sizes.layers().stream().mapToLong(Long::longValue).sum()
                + sizes.head()
                - twice)
        .isEqualTo(WeightMemory.of(checkpoint, rounding, 2));
  }

  /** The sizes are those of the tensors. */
  @Test
  void aCheckpointIsLaidOut(@TempDir Path folder) {
    Path tiny = new TinyLlama().write(folder);
    DecoderCheckpoint checkpoint = DecoderCheckpoint.open(tiny);
    PartSizes sizes = PartSizes.of(checkpoint.spec(), Quantization.none(), 1);
    long layers = sizes.layers().stream().mapToLong(Long::longValue).sum();
    long head = checkpoint.spec().head().tied() ? checkpoint.spec().head().linear().elements() : 0;
    assertThat(sizes.embedding() + layers + sizes.head() - head).isEqualTo(checkpoint.parameters());
    int count = checkpoint.spec().layers().size();
    assertThat(TorchModels.plan(tiny, LoadOptions.defaults().withDevice("cuda:0=1,cpu")).parts())
        .extracting(DevicePlan.Part::layers)
        .isEqualTo(IntStream.of(1, count - 1).boxed().toList());
  }
}
