package io.proxytune.examples;

import io.proxytune.SteeringProfile;
import io.proxytune.core.DType;
import io.proxytune.core.LoadOptions;
import io.proxytune.core.Quantization;
import io.proxytune.core.SteeringProfiles;
import io.proxytune.core.WeightLayout;
import io.proxytune.examples.cli.Engine;
import io.proxytune.examples.cli.Usage;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Which models to load, and how. */
final class ModelOptions {
  @Option(
      names = "--base",
      required = true,
      paramLabel = "MODEL",
      description =
          "The model that is steered: a Hugging Face checkpoint folder, or a name on the Hub of"
              + " what \"hf download\" brought here: OWNER/NAME or OWNER/NAME@REVISION. Or the"
              + " address of a llama.cpp server that has it: http://HOST:PORT.")
  private String base = "";

  @Option(
      names = "--base-tokenizer",
      paramLabel = "MODEL",
      description =
          "A folder with the tokenizer of a base on a server; that of the first expert if not"
              + " given.")
  private @Nullable String baseTokenizer;

  @Option(
      names = "--base-key-file",
      paramLabel = "FILE",
      description = "The file with the key that the base's server asks for.")
  private @Nullable Path baseKeyFile;

  @Option(
      names = "--base-top-logprobs",
      paramLabel = "COUNT",
      description =
          "The base's server speaks OpenAI's protocol, takes token ids as prompts, and shows so"
              + " many of the likeliest tokens: --base is the address that /completions stands"
              + " behind, such as http://HOST:PORT/v1. What they don't settle is refused; choose"
              + " needs no more than its options among them.")
  private @Nullable Integer baseTopLogprobs;

  @ArgGroup(exclusive = false, multiplicity = "0..*")
  private @Nullable List<PairOptions> pairs;

  @Option(
      names = "--steering",
      paramLabel = "FILE",
      description =
          "The strengths of the pairs, and how they are fused, from a file of tune-alpha --save;"
              + " instead of --alpha and --preset.")
  private @Nullable Path steering;

  private @Nullable SteeringProfile profile;

  @Option(
      names = "--dtype",
      paramLabel = "DTYPE",
      converter = DTypeConverter.class,
      description = "The weights in memory: stored (the default), float32, bfloat16 or float16.")
  private DType dtype = DType.AS_STORED;

  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      description =
          "cpu (the default) or cuda:N, for all models; or the layers of each on several devices,"
              + " as in cuda:0=20,cpu or cuda:0=24GB,cpu with the layers or the memory that a"
              + " device has for them, or auto, all GPUs and then the CPU as far as their memory"
              + " goes.")
  private String device = "cpu";

  @Option(
      names = "--expert-dtype",
      paramLabel = "DTYPE",
      converter = DTypeConverter.class,
      description = "The same as --dtype for experts and anti-experts alone.")
  private @Nullable DType expertDType;

  @Option(
      names = "--expert-device",
      paramLabel = "DEVICE",
      description = "The same as --device for experts and anti-experts alone.")
  private @Nullable String expertDevice;

  @Option(
      names = "--quantize",
      paramLabel = "FORMAT",
      converter = QuantizationConverter.class,
      description =
          "Round the weights as they are loaded: none (the default), int8, int4 or int4:GROUP with"
              + " 32, 64 or 128 weights a group; +head includes the output head.")
  private Quantization quantization = Quantization.none();

  @Option(
      names = "--expert-quantize",
      paramLabel = "FORMAT",
      converter = QuantizationConverter.class,
      description = "The same as --quantize for experts and anti-experts alone.")
  private @Nullable Quantization expertQuantization;

  @Option(
      names = "--layout",
      paramLabel = "LAYOUT",
      converter = LayoutConverter.class,
      description =
          "Weights of bfloat16 models on the CPU: packed (the default), or packed-twice, which"
              + " decodes faster and takes twice the memory.")
  private WeightLayout layout = WeightLayout.PACKED;

  @Option(
      names = "--expert-layout",
      paramLabel = "LAYOUT",
      converter = LayoutConverter.class,
      description = "The same as --layout for experts and anti-experts alone.")
  private @Nullable WeightLayout expertLayout;

  @Option(
      names = "--sliding-window-cache",
      description =
          "Keep of layers that see a window of tokens alone (Gemma, Mistral and others) no more"
              + " than it: long texts take less memory, and prompts that begin alike are read"
              + " again.")
  private boolean slidingWindowCache;

  @Option(
      names = "--weight-cache",
      paramLabel = "DIR",
      description =
          "Keep packed and rounded weights of all models in this folder, so that the next command"
              + " reads them instead of packing them anew. It takes as much disk as they take"
              + " memory; nothing in it is deleted.")
  private @Nullable Path weightCache;

  @Option(
      names = "--no-memory-check",
      description = "Load even where the weights seem not to fit into memory.")
  private boolean noMemoryCheck;

  @Option(
      names = "--threads",
      paramLabel = "COUNT",
      description = "CPU threads inside an operation; the physical cores are best.")
  private @Nullable Integer threads;

  @Option(
      names = "--prefill-chunk",
      paramLabel = "TOKENS",
      description = "Prompt tokens in one forward pass at most; 512 if not given.")
  private int prefillChunk = 512;

  /** Refuses what can't work, before anything is loaded. */
  void check() {
    pairs().forEach(PairOptions::check);
    if (steering != null) {
      profile = profile(steering);
    }
    ServerOptions server = serverOptions();
    server.check(!pairs().isEmpty());
    Usage.check(threads == null || threads >= 1, "--threads must be >= 1, got %s", threads);
    Usage.check(prefillChunk >= 1, "--prefill-chunk must be >= 1, got %s", prefillChunk);
  }

  private SteeringProfile profile(Path file) {
    SteeringProfile read = SteeringProfiles.read(file);
    Usage.check(
        read.alphas().size() == pairs().size(),
        "--steering %s has strengths for %s expert pairs, and there are %s: give the pairs that it"
            + " was chosen for, in their order",
        file,
        read.alphas().size(),
        pairs().size());
    Usage.check(
        pairs().stream().noneMatch(PairOptions::hasAlpha),
        "--alpha and --steering both say how strongly to steer: leave out one");
    return read;
  }

  /** Strengths that were chosen beforehand, if a file was named; known after the check. */
  Optional<SteeringProfile> profile() {
    return Optional.ofNullable(profile);
  }

  /** A folder, or a name on the Hub. */
  String base() {
    return base;
  }

  private ServerOptions serverOptions() {
    return new ServerOptions(base, baseTokenizer, baseKeyFile, baseTopLogprobs);
  }

  /** The server of the base, if it is on one. */
  Optional<ServerOptions> baseServer() {
    return Optional.of(serverOptions()).filter(ServerOptions::isServer);
  }

  /** Where the base's files are, if it is not on a server. */
  Optional<Path> baseFolder(Engine engine) {
    return baseServer().isPresent() ? Optional.empty() : Optional.of(engine.folder(base()));
  }

  List<PairOptions> pairs() {
    return pairs == null ? List.of() : pairs;
  }

  @Nullable Integer threads() {
    return threads;
  }

  int prefillChunk() {
    return prefillChunk;
  }

  LoadOptions baseLoadOptions() {
    LoadOptions kept =
        weightCache == null
            ? LoadOptions.defaults()
            : LoadOptions.defaults().withWeightCache(weightCache);
    return kept.withDevice(device)
        .withDType(dtype)
        .withQuantization(quantization)
        .withLayout(layout)
        .withSlidingWindowCache(slidingWindowCache)
        .withMemoryCheck(!noMemoryCheck);
  }

  LoadOptions expertLoadOptions() {
    LoadOptions options = baseLoadOptions();
    options = expertDType == null ? options : options.withDType(expertDType);
    options = expertQuantization == null ? options : options.withQuantization(expertQuantization);
    options = expertLayout == null ? options : options.withLayout(expertLayout);
    return expertDevice == null ? options : options.withDevice(expertDevice);
  }

  /** Words for the layouts. */
  static final class LayoutConverter implements ITypeConverter<WeightLayout> {
    @Override
    public WeightLayout convert(String value) {
      return switch (value.toLowerCase(Locale.ROOT)) {
        case "packed" -> WeightLayout.PACKED;
        case "packed-twice" -> WeightLayout.PACKED_TWICE;
        default ->
            throw new TypeConversionException(
                "expected packed or packed-twice, got '" + value + "'");
      };
    }
  }

  /** The names that the field uses for number formats. */
  static final class DTypeConverter implements ITypeConverter<DType> {
    @Override
    public DType convert(String value) {
      return switch (value.toLowerCase(Locale.ROOT)) {
        case "stored" -> DType.AS_STORED;
        case "float32" -> DType.FLOAT32;
        case "bfloat16" -> DType.BFLOAT16;
        case "float16" -> DType.FLOAT16;
        default ->
            throw new TypeConversionException(
                "expected stored, float32, bfloat16 or float16, got '" + value + "'");
      };
    }
  }
}
