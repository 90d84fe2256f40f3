package io.proxytune.examples.evaluation;

import io.proxytune.ChatMessage;
import io.proxytune.Tokenizer;
import io.proxytune.model.FunctionLogitSource;
import io.proxytune.model.LogitModel;
import io.proxytune.model.LogitSession;
import io.proxytune.model.Logits;
import io.proxytune.model.Segment;
import io.proxytune.model.Segment.Rows;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * A model of words as a model of pieces of words, three characters each: by the chain rule, so that
 * it says the same of every text in another tokenizer's tokens.
 */
final class PieceModel implements Tokenizer {
  private static final int LENGTH = 3;
  private static final int UNKNOWN = 0;
  private static final int KEPT = 2_000;

  private final LogitModel model;
  private final Tokenizer words;
  private final List<String> pieces = new ArrayList<>();
  private final Map<String, Integer> ids = new HashMap<>();
  private final int specials;
  private final int[][] ofWord;
  private final Map<List<Integer>, List<Integer>> wordsBeginning = new HashMap<>();
  private final Map<List<Integer>, double[]> kept =
      new LinkedHashMap<>(KEPT, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<List<Integer>, double[]> eldest) {
          return size() > KEPT;
        }
      };

  private PieceModel(LogitModel model) {
    this.model = model;
    this.words = model.tokenizer().orElseThrow();
    this.ofWord = new int[model.width()][];
    int special = 0;
    while (words.isSpecial(special)) {
      add(words.token(special++).orElseThrow());
    }
    specials = special;
    for (int word = 0; word < ofWord.length; word++) {
      ofWord[word] = word < specials ? new int[] {word} : split(text(word));
      for (int end = 0; end <= ofWord[word].length; end++) {
        wordsBeginning
            .computeIfAbsent(list(ofWord[word], end), prefix -> new ArrayList<>())
            .add(word);
      }
    }
  }

  /** The model in pieces. */
  static LogitModel of(LogitModel model) {
    PieceModel made = new PieceModel(model);
    return FunctionLogitSource.of(
            model.name() + " in pieces", made.pieces.size(), 4 * model.contextLength(), made::row)
        .withTokenizer(made)
        .withEndOfTextIds(model.endOfTextIds());
  }

  private void add(String piece) {
    if (ids.putIfAbsent(piece, pieces.size()) == null) {
      pieces.add(piece);
    }
  }

  private String text(int word) {
    return words.token(word).orElseThrow().replace('\u2581', ' ');
  }

  private int[] split(String word) {
    List<Integer> split = new ArrayList<>();
    for (int at = 0; at < word.length(); at += LENGTH) {
      String piece = word.substring(at, Math.min(word.length(), at + LENGTH));
      add(piece);
      split.add(ids.get(piece));
    }
    return split.stream().mapToInt(Integer::intValue).toArray();
  }

  private static List<Integer> list(int[] ids, int end) {
    return Arrays.stream(ids, 0, end).boxed().toList();
  }

  private boolean begins(int piece) {
    return piece < specials || wordsBeginning.containsKey(List.of(piece));
  }

  private synchronized float[] row(List<Integer> history) {
    List<Integer> whole = new ArrayList<>();
    List<Integer> open = new ArrayList<>();
    for (int piece : history) {
      if (begins(piece) && !open.isEmpty()) {
        whole.add(word(open));
        open.clear();
      }
      open.add(piece);
      if (piece < specials) {
        whole.add(piece);
        open.clear();
      }
    }
    double[] row = new double[pieces.size()];
    double ended = open.isEmpty() ? 1 : goOn(whole, open, row);
    if (ended > 0) {
      if (!open.isEmpty()) {
        whole.add(word(open));
      }
      double[] next = next(whole);
      for (int word = 0; word < next.length; word++) {
        row[ofWord[word][0]] += ended * next[word];
      }
    }
    float[] logits = new float[row.length];
    IntStream.range(0, row.length).forEach(i -> logits[i] = (float) Math.log(row[i]));
    return logits;
  }

  /** Adds the pieces that go on with a word, and returns how likely it has ended. */
  private double goOn(List<Integer> whole, List<Integer> open, double[] row) {
    double[] next = next(whole);
    List<Integer> possible = wordsBeginning.getOrDefault(open, List.of());
    double all = possible.stream().mapToDouble(word -> next[word]).sum();
    if (all == 0) {
      return 1;
    }
    double ended = 0;
    for (int word : possible) {
      if (ofWord[word].length == open.size()) {
        ended += next[word] / all;
      } else {
        row[ofWord[word][open.size()]] += next[word] / all;
      }
    }
    return ended;
  }

  private int word(List<Integer> open) {
    return wordsBeginning.getOrDefault(open, List.of()).stream()
        .filter(word -> ofWord[word].length == open.size())
        .findFirst()
        .orElse(UNKNOWN);
  }

  private double[] next(List<Integer> history) {
    double[] known = kept.get(history);
    if (known == null) {
      known = run(history);
      kept.put(List.copyOf(history), known);
    }
    return known;
  }

  private double[] run(List<Integer> history) {
    int[] read = history.stream().mapToInt(Integer::intValue).toArray();
    try (LogitSession session = model.newSession(read.length);
        Logits logits = model.forward(List.of(new Segment(session, read, Rows.LAST)))) {
      float[] row = logits.row(0);
      double sum = 0;
      double[] next = new double[row.length];
      for (int word = 0; word < row.length; word++) {
        next[word] = Math.exp(row[word]);
        sum += next[word];
      }
      for (int word = 0; word < row.length; word++) {
        next[word] /= sum;
      }
      return next;
    }
  }

  @Override
  public int[] encode(String text, boolean addSpecialTokens) {
    return Arrays.stream(words.encode(text, addSpecialTokens))
        .flatMap(word -> Arrays.stream(ofWord[word]))
        .toArray();
  }

  @Override
  public String decode(int[] tokens, boolean skipSpecialTokens) {
    StringBuilder text = new StringBuilder();
    Arrays.stream(tokens)
        .filter(id -> !(skipSpecialTokens && isSpecial(id)))
        .forEach(id -> text.append(pieces.get(id)));
    return text.toString();
  }

  @Override
  public int vocabularySize() {
    return pieces.size();
  }

  @Override
  public Optional<String> token(int id) {
    return id >= 0 && id < pieces.size() ? Optional.of(pieces.get(id)) : Optional.empty();
  }

  @Override
  public Optional<Integer> id(String token) {
    return Optional.ofNullable(ids.get(token));
  }

  @Override
  public boolean isSpecial(int id) {
    return id < specials;
  }

  @Override
  public boolean hasChatTemplate() {
    return words.hasChatTemplate();
  }

  @Override
  public String renderChat(
      List<ChatMessage> messages, boolean addGenerationPrompt, Map<String, ?> variables) {
    return words.renderChat(messages, addGenerationPrompt, new TreeMap<>(variables));
  }
}
