package io.proxytune.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.common.collect.ImmutableMap;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LoadOptionsTest {
  private static final LoadListener LISTENER = progress -> {};

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "gpu",
        "CPU",
        "cuda:",
        "cuda:-1",
        "cuda:x",
        "cuda:99999",
        "cuda:0 ",
        "cpu,",
        "cpu=0",
        "cpu=1.5",
        "cpu=GB",
        "cpu=0GB",
        "auto,cpu"
      })
  void badDevicesAreRefused(String device) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LoadOptions.defaults().withDevice(device))
        .withMessageMatching(
            "device must be cpu, cuda:N, auto, .*got \"\\Q"
                + device
                + "\\E\"|cpu: .* must be >= 1, got 0");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"cpu", "cuda", "cuda:0", "cuda:12", "auto", "cuda:0=20,cuda:1=23.5GB,cpu"})
  void deviceNamesAreTaken(String device) {
    assertThat(LoadOptions.defaults().withDevice(device).device()).isEqualTo(device);
  }

  @Test
  void everyChangeIsComparedAndShown() {
    LoadOptions defaults = LoadOptions.defaults();
    Map<String, UnaryOperator<LoadOptions>> changes =
        ImmutableMap.<String, UnaryOperator<LoadOptions>>builder()
            .put("withDevice", options -> options.withDevice("cuda:1"))
            .put("withDevices", options -> options.withDevices(DeviceMap.byMemory()))
            .put("withDType", options -> options.withDType(DType.FLOAT32))
            .put("withListener", options -> options.withListener(LISTENER))
            .put("withMemoryCheck", options -> options.withMemoryCheck(false))
            .put("withAdapter", options -> options.withAdapter(Path.of("a")))
            .put("withoutAdapter", options -> options.withAdapter(Path.of("b")).withoutAdapter())
            .put("withQuantization", options -> options.withQuantization(Quantization.int8()))
            .put("withLayout", options -> options.withLayout(WeightLayout.PACKED_TWICE))
            .put("withSlidingWindowCache", options -> options.withSlidingWindowCache(true))
            .put("withWeightCache", options -> options.withWeightCache(Path.of("c")))
            .put(
                "withoutWeightCache",
                options -> options.withWeightCache(Path.of("d")).withoutWeightCache())
            .build();
    assertThat(changes.keySet())
        .isEqualTo(
            Stream.of(LoadOptions.class.getDeclaredMethods())
                .filter(method -> Modifier.isPublic(method.getModifiers()))
                .map(Method::getName)
                .filter(name -> name.startsWith("with"))
                .collect(Collectors.toSet()));
    changes.forEach(
        (name, change) -> {
          LoadOptions changed = change.apply(defaults);
          assertThat(changed).isEqualTo(change.apply(defaults));
          assertThat(changed).hasSameHashCodeAs(change.apply(defaults));
          assertThat(changed.equals(defaults)).as(name).isEqualTo(name.startsWith("without"));
          assertThat(changed.toString().equals(defaults.toString()))
              .as(name)
              .isEqualTo(name.startsWith("without"));
        });
    assertThat(defaults.toString()).startsWith("LoadOptions{device=cpu, dtype=AS_STORED, ");
  }
}
