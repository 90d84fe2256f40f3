package io.proxytune.examples;

import io.proxytune.core.Quantization;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads {@code int8}, {@code int4:64}, … */
final class QuantizationConverter implements ITypeConverter<Quantization> {
  @Override
  public Quantization convert(String value) {
    try {
      return Quantization.parse(value);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(e.getMessage());
    }
  }
}
