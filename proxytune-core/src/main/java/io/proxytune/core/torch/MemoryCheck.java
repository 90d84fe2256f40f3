package io.proxytune.core.torch;

import io.proxytune.DeviceException;
import io.proxytune.core.lifetime.SpareMemory;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import org.bytedeco.javacpp.Pointer;

/**
 * Refuses to load weights that can't fit, before the first of them is touched. Immutable.
 *
 * @param freeBytes what the machine and the container leave; empty where that is unknown
 * @param usedBytes what JavaCPP counts as used by the process
 * @param javaCppLimit where JavaCPP's native allocations begin to throw an {@link
 *     OutOfMemoryError}; 0 for no limit
 */
public record MemoryCheck(OptionalLong freeBytes, long usedBytes, long javaCppLimit) {
  private static final String JAVA_CPP_REFUSAL = "Physical memory usage is too high";

  /**
   * Reads this machine's figures.
   *
   * @return a check against them
   */
  public static MemoryCheck now() {
    long limit = Pointer.maxPhysicalBytes();
    return new MemoryCheck(
        FreeMemory.bytes(), limit > 0 ? Pointer.physicalBytes() : 0, Math.max(0, limit));
  }

  /**
   * Where less is free than needed, gives memory back that is held only to be faster, and reads the
   * figures again.
   *
   * @param bytes what is to be allocated
   * @return this check, or one against the new figures
   */
  public MemoryCheck toUse(long bytes) {
    if (freeBytes.orElse(Long.MAX_VALUE) >= bytes || !SpareMemory.free()) {
      return this;
    }
    TorchRuntime.trimMemory();
    return now();
  }

  /**
   * Checks that weights fit into the machine's free memory.
   *
   * @param model the model's name
   * @param bytes what its weights need
   * @throws DeviceException if less is free, with the figures and the switches
   */
  public void requireFree(String model, long bytes) {
    if (freeBytes.isPresent() && bytes > freeBytes.getAsLong()) {
      throw new DeviceException(
          String.format(
              Locale.ROOT,
              "%s does not fit: its weights need %s and %s of memory is free. Load it in a smaller"
                  + " dtype (LoadOptions.withDType; --dtype) or quantized"
                  + " (LoadOptions.withQuantization; --quantize), free memory, or switch this check"
                  + " off (LoadOptions.withMemoryCheck(false); --no-memory-check)",
              model,
              gigabytes(bytes),
              gigabytes(freeBytes.getAsLong())));
    }
  }

  /**
   * Checks that a sequence's KV cache fits into the machine's free memory.
   *
   * @param model the model's name
   * @param tokens the sequence's capacity
   * @param bytes what its cache needs
   * @throws DeviceException if less is free, with the figures and the switches
   */
  public void requireFreeForCache(String model, int tokens, long bytes) {
    if (freeBytes.isPresent() && bytes > freeBytes.getAsLong()) {
      throw new DeviceException(
          String.format(
              Locale.ROOT,
              "%s: the KV cache of a sequence of %d tokens needs %s and %s of memory is free. Ask"
                  + " for fewer new tokens or fewer sequences at once"
                  + " (GenerationOptions.withMaxNewTokens; --max-new-tokens, --n), keep no more"
                  + " than their window in layers that have one"
                  + " (LoadOptions.withSlidingWindowCache; --sliding-window-cache), free memory, or"
                  + " load the model without this check (LoadOptions.withMemoryCheck(false);"
                  + " --no-memory-check)",
              model,
              tokens,
              gigabytes(bytes),
              gigabytes(freeBytes.getAsLong())));
    }
  }

  /**
   * Checks JavaCPP's own limit.
   *
   * @param model the model's name
   * @param bytes what its weights need
   * @throws DeviceException if the limit would be passed, with the figures and the switch
   */
  public void requireUnderJavaCppLimit(String model, long bytes) {
    if (javaCppLimit > 0 && usedBytes + bytes > javaCppLimit) {
      throw new DeviceException(
          String.format(
              Locale.ROOT,
              "%s does not fit under JavaCPP's limit: its weights need %s, the process uses %s, and"
                  + " the limit is %s. Start the JVM with -Dorg.bytedeco.javacpp.maxPhysicalBytes=0"
                  + " (no limit), or a larger number",
              model,
              gigabytes(bytes),
              gigabytes(usedBytes),
              gigabytes(javaCppLimit)));
    }
  }

  /** Why JavaCPP would refuse the first allocation; empty where it would not. */
  static Optional<String> alreadyOverTheLimit() {
    MemoryCheck check = now();
    return check.javaCppLimit > 0 && check.usedBytes > check.javaCppLimit
        ? Optional.of(check.overTheLimit())
        : Optional.empty();
  }

  /**
   * What to say of JavaCPP's own refusal of an allocation.
   *
   * @param failure what was thrown
   * @return a sentence with the figures and the switch; empty for any other failure
   */
  static Optional<String> overTheLimit(Throwable failure) {
    boolean refused =
        failure instanceof OutOfMemoryError
            && String.valueOf(failure.getMessage()).startsWith(JAVA_CPP_REFUSAL);
    return refused ? Optional.of(now().overTheLimit()) : Optional.empty();
  }

  private String overTheLimit() {
    return String.format(
        Locale.ROOT,
        "JavaCPP refuses to allocate native memory: the process uses %s, and the limit is %s, four"
            + " times the Java heap's unless set. Start the JVM with"
            + " -Dorg.bytedeco.javacpp.maxPhysicalBytes=0 (no limit), or a larger number",
        gigabytes(usedBytes),
        gigabytes(javaCppLimit));
  }

  private static String gigabytes(long bytes) {
    return String.format(Locale.ROOT, "%.2f GB", bytes / 1e9);
  }
}
