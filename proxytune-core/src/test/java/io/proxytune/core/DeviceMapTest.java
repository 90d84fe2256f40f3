package io.proxytune.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceMapTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "auto",
        "cpu",
        "cuda",
        "cuda:1",
        "cuda:0=20,cpu",
        "cuda:0=24GB,cuda:1=0.5GB,cpu",
        "cpu=0.000000001GB,cuda:12",
        "cuda:0=999999999GB",
      })
  void aTextIsReadAndWritten(String text) {
    assertThat(DeviceMap.parse(text)).hasToString(text);
  }

  @Test
  void anyNumberOfBytesIsKept() {
    Random random = new Random(5);
    for (int i = 0; i < 200; i++) {
      String gigabytes = random.nextInt(1000) + "." + (100_000_000 + random.nextInt(900_000_000));
      DeviceMap map = DeviceMap.parse("cpu=" + gigabytes + "GB");
      String digits = gigabytes.replace(".", "");
      assertThat(map.parts().get(0).bytes()).isEqualTo(OptionalLong.of(Long.parseLong(digits)));
      assertThat(DeviceMap.parse(map.toString())).isEqualTo(map).hasSameHashCodeAs(map);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "gpu",
        "cpu,",
        "cuda:",
        "cuda:-1",
        "cpu=",
        "cpu=1.5",
        "cpu=1gb",
        "cpu=1e3GB",
        "cpu=1.GB",
        "CPU",
        "cpu cuda",
        "cuda:0=1=2",
      })
  void whatIsNoMapIsRefused(String text) {
    assertThatThrownBy(() -> DeviceMap.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("cuda:0=20,cuda:1=24GB,cpu")
        .hasMessageContaining("\"" + text + "\"");
  }

  @ParameterizedTest
  @ValueSource(strings = {"cpu=0", "cpu=0GB"})
  void aDeviceHasSomething(String text) {
    assertThatThrownBy(() -> DeviceMap.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("must be >= 1, got 0");
  }
}
