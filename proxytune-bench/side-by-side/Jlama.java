import com.github.tjake.jlama.model.AbstractModel;
import com.github.tjake.jlama.model.ModelSupport;
import com.github.tjake.jlama.safetensors.DType;
import com.github.tjake.jlama.safetensors.SafeTensorSupport;
import com.github.tjake.jlama.tensor.AbstractTensor;
import com.github.tjake.jlama.tensor.KvBufferCache;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Scanner;
import java.util.stream.IntStream;

/**
 * A peer of SideBySide's, which answers as peers.py does: {@code Jlama.java run FOLDER...} with
 * folders that {@code Jlama.java convert FORMAT FOLDER OUTPUT} made.
 */
public final class Jlama {
  private static final int POSITION = 128;

  /** What Jlama wants beside the weights; no text is made tokens of. */
  private static final Map<String, String> FILES =
      Map.of(
          "tokenizer.json",
          "{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0},\"merges\":[]}}",
          "tokenizer_config.json",
          "{}",
          "generation_config.json",
          "{}",
          "README.md",
          "");

  private final List<AbstractModel> models = new ArrayList<>();
  private final List<KvBufferCache.KvBuffer> caches = new ArrayList<>();
  private final List<AbstractTensor> logits = new ArrayList<>();
  private int warm;

  public static void main(String[] args) throws Exception {
    if (args[0].equals("convert")) {
      convert(args[1], Path.of(args[2]), Path.of(args[3]));
      System.exit(0);
    }
    Jlama peer = new Jlama();
    System.out.println("ready");
    Scanner commands = new Scanner(System.in);
    while (commands.hasNextLine()) {
      String[] parts = commands.nextLine().split(" ");
      int number = parts.length > 1 ? Integer.parseInt(parts[1]) : 0;
      try {
        if (parts[0].equals("step")) {
          peer.prepare(number);
        }
        long start = System.nanoTime();
        switch (parts[0]) {
          case "load" -> peer.load(List.of(args).subList(1, args.length));
          case "step" -> peer.step(number);
          default -> peer.prefill(number);
        }
        System.out.println((System.nanoTime() - start) / 1e6);
      } catch (RuntimeException e) {
        System.out.println("error " + e);
      }
    }
    System.exit(0); // its threads are no daemons
  }

  private static void convert(String format, Path folder, Path output) throws IOException {
    Path complete = format.equals("BF16") ? output : Files.createDirectories(output.resolve("all"));
    for (String name : List.of("config.json", "model.safetensors")) {
      Files.createSymbolicLink(complete.resolve(name), folder.resolve(name).toAbsolutePath());
    }
    for (Map.Entry<String, String> file : FILES.entrySet()) {
      Files.writeString(complete.resolve(file.getKey()), file.getValue());
    }
    if (!format.equals("BF16")) {
      String[] kept = {"norm"};
      String[] dropped = {};
      Optional<Path> made = Optional.of(output.resolve("model"));
      SafeTensorSupport.quantizeModel(complete, DType.valueOf(format), kept, dropped, made);
    }
  }

  private void load(List<String> folders) {
    Optional<Integer> threads = Optional.of(Integer.parseInt(System.getenv("OMP_NUM_THREADS")));
    for (String folder : folders) {
      File quantized = new File(folder, "model");
      AbstractModel model =
          ModelSupport.loadModel(
              quantized.isDirectory() ? quantized : new File(folder),
              null,
              DType.F32,
              DType.I8,
              Optional.empty(),
              models.isEmpty() ? threads : Optional.empty()); // they are of the process
      models.add(model);
      caches.add(new KvBufferCache(model).getEphemeralKvBuffer());
      logits.add(model.makeDenseTensor(model.getConfig().vocabularySize));
    }
  }

  private static int[] ids(int count) {
    return IntStream.range(0, count).map(i -> 3 + i % 500).toArray();
  }

  private void read(int model, int count) {
    try (AbstractTensor all = models.get(model).batchForward(ids(count), 0, caches.get(model))) {
      pick(model, all.slice(all.shape().first() - 1));
    }
  }

  /** The head, and the likeliest id. */
  private void pick(int model, AbstractTensor hidden) {
    models.get(model).sample(hidden, 0, 0, logits.get(model));
  }

  private void prepare(int count) {
    for (; warm < count; warm++) {
      read(warm, POSITION);
    }
  }

  private void step(int count) {
    for (int i = 0; i < count; i++) {
      try (AbstractTensor one =
          models.get(i).forward(ids(1)[0], POSITION, caches.get(i), Optional.empty())) {
        pick(i, one);
      }
    }
  }

  private void prefill(int tokens) {
    warm = 0;
    read(0, tokens);
  }
}
