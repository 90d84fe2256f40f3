package io.proxytune.core.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.LocalDateTime;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StrftimeTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "%d %b %Y|06 Jul 2024",
        "%A, %B %-d|Saturday, July 6",
        "%a %e %y %j|Sat  6 24 188",
        "%H:%M:%S.%f|13:05:09.000000",
        "%I:%M %p %-I|01:05 PM 1",
        "%F %T %D %R|2024-07-06 13:05:09 07/06/24 13:05",
        "%c|Sat Jul  6 13:05:09 2024",
        "%x %X|07/06/24 13:05:09",
        "%u %w %U %W|6 6 26 27",
        "%m%%%Z%z|07%",
        "no directive|no directive"
      })
  void writesLikePython(String format, String expected) {
    assertThat(Strftime.format(format, LocalDateTime.of(2024, 7, 6, 13, 5, 9))).isEqualTo(expected);
  }
}
