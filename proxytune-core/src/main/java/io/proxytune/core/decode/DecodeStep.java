package io.proxytune.core.decode;

import io.proxytune.core.lifetime.Closeables;
import io.proxytune.core.session.ModelPass;
import io.proxytune.core.session.ModelPass.Reading;
import io.proxytune.core.session.PartialRows;
import io.proxytune.core.session.RoleLogits;
import io.proxytune.core.session.RoleSession;
import io.proxytune.core.session.RoleSessions;
import io.proxytune.core.speculation.Draft;
import io.proxytune.core.speculation.DraftRoom;
import io.proxytune.core.speculation.Speculator;
import io.proxytune.model.Segment.Rows;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/**
 * One step of proxy-tuning, from top to bottom, for the texts of any number of requests: {@link
 * #draft}, where that pays, {@link #read}, and for those that are steered alike {@link #fuse} and
 * {@link #pick}. Prompts are read beside texts that go on: such a text gets its first token in the
 * step that reads the end of its prompt. Texts that are given are read and scored beside them.
 *
 * <p>A step has a token for each text, or more where a draft was right. Their readers take them one
 * by one ({@link Sequence#take}: stop, emit, append), on their own threads if they like. Where the
 * application's code picks, a text gets its rows instead.
 *
 * <p>What fails fails the requests that it belongs to. For one thread.
 */
public final class DecodeStep implements AutoCloseable {
  private final List<Sequence> goingOn = new ArrayList<>();
  private final List<Sequence> beginning = new ArrayList<>();
  private final Map<RoleSessions, Share> chunks = new LinkedHashMap<>();
  private final Map<Scoring, Share> scorings = new LinkedHashMap<>();
  private final List<Verification> verifications = new ArrayList<>();
  private final ModelPass pass = new ModelPass();
  private boolean gated; // whether experts of some text are not asked for every token
  private final Map<RequestControl, RuntimeException> failures = new LinkedHashMap<>();

  /**
   * A member's part in a step.
   *
   * @param member an open one whose tokens were all taken
   * @param promptTokens the most tokens of what it was given that each of its models reads
   */
  public record Share(StepMember member, int promptTokens) {}

  private DecodeStep(List<Share> shares) {
    for (Share share : shares) {
      if (share.member instanceof Sequence text) {
        add(text, share);
      } else if (share.member instanceof Scoring scoring) {
        scorings.put(scoring, share);
      }
    }
  }

  private void add(Sequence text, Share share) {
    if (text.hasReadPrompt()) {
      goingOn.add(text);
    } else if (Prefill.isLast(text.sessions().all(), share.promptTokens)) {
      beginning.add(text);
    } else {
      chunks.put(text.sessions(), share);
    }
  }

  /**
   * Runs a step.
   *
   * @param shares the sequences that take part
   * @param draftTokens the most tokens that may be drafted for all
   * @return what went wrong, for each request that failed
   */
  public static Map<RequestControl, RuntimeException> run(List<Share> shares, int draftTokens) {
    try (DecodeStep step = new DecodeStep(shares)) {
      step.run(draftTokens);
      return step.failures;
    }
  }

  private void run(int draftTokens) {
    Map<Speculator, List<Sequence>> groups =
        goingOn.stream()
            .collect(
                Collectors.groupingBy(
                    Sequence::speculator, LinkedHashMap::new, Collectors.toList()));
    boolean alone = beginning.isEmpty() && chunks.isEmpty() && scorings.isEmpty();
    LongSupplier clock = alone ? clock(groups.keySet()) : () -> 0;
    long start = clock.getAsLong();

    DraftRoom room = room(groups.keySet(), alone, draftTokens);
    groups.forEach((speculator, texts) -> draft(speculator, texts, room));
    beginning.forEach(text -> verifications.add(Verification.ofNothing(text)));
    read();
    if (gated) {
      ask();
    }
    of(verifications, Verification::steering).forEach(this::pickFor);
    beginning.forEach(text -> guard(List.of(text), text::part));
    scorings.keySet().forEach(text -> guard(List.of(text), () -> text.score(pass)));

    if (alone && failures.isEmpty()) {
      ended(groups.keySet(), clock.getAsLong() - start);
    }
  }

  /** The clock of those that learn from times, if there are any. */
  private static LongSupplier clock(Set<Speculator> speculators) {
    return speculators.stream()
        .filter(Speculator::learns)
        .findFirst()
        .map(Speculator::clock)
        .orElse(() -> 0);
  }

  /**
   * Where one wants to know what a plain step takes, all let it be plain whose drafts depend on it.
   */
  private DraftRoom room(Set<Speculator> speculators, boolean alone, int draftTokens) {
    int texts = goingOn.size();
    boolean plain = !alone || speculators.stream().anyMatch(each -> each.plainIsDue(texts));
    return new DraftRoom(plain ? 0 : texts, texts == 0 ? 0 : draftTokens / texts);
  }

  /** What the step took tells those that learn from times. */
  private void ended(Set<Speculator> speculators, long nanos) {
    long drafting = speculators.stream().mapToLong(Speculator::draftNanos).sum();
    int drafted = verifications.stream().mapToInt(text -> text.draft().length).sum();
    Speculator.Step step = new Speculator.Step(goingOn.size(), drafted, nanos - drafting);
    for (Speculator speculator : speculators) {
      List<Verification> own =
          verifications.stream().filter(v -> v.sequence().speculator() == speculator).toList();
      speculator.ended(() -> own.stream().map(Verification::outcome).toList(), step);
    }
  }

  /** Guesses tokens that may come next, which are read along and verified; often none. */
  private void draft(Speculator speculator, List<Sequence> texts, DraftRoom room) {
    guard(
        texts,
        () -> {
          List<Draft> drafts = speculator.draft(texts, pass, room);
          for (int i = 0; i < texts.size(); i++) {
            Sequence text = texts.get(i);
            verifications.add(
                drafts.isEmpty()
                    ? Verification.ofNothing(text)
                    : Verification.of(text, drafts.get(i)));
          }
        });
  }

  /**
   * Every model reads what is new: the last token and the draft behind it, a prompt's end, or a
   * chunk of a prompt.
   */
  private void read() {
    Map<RequestControl, List<Reading>> readings = new LinkedHashMap<>();
    Set<RoleSession> seen = new HashSet<>(); // texts share sessions until their prompt is read
    for (Verification text : verifications) {
      Rows rows = text.rows() == 1 ? Rows.LAST : Rows.ALL;
      RoleSessions sessions = text.sequence().sessions();
      sessions.draft(text.draft());
      gated |= Gate.isOn(text.sequence());
      text.begin(Gate.waits(text.sequence()));
      List<Reading> own = readingsOf(text.sequence().control(), readings);
      (text.othersWait() ? sessions.all().subList(0, 1) : sessions.all())
          .stream()
              .filter(session -> session.hasUnread() && seen.add(session))
              .forEach(session -> own.add(new Reading(session, Integer.MAX_VALUE, rows)));
    }
    chunks.forEach(
        (sessions, share) -> {
          List<Reading> own = readingsOf(share.member.control(), readings);
          Prefill.due(sessions.all(), share.promptTokens)
              .forEach(due -> own.add(new Reading(due, share.promptTokens, Rows.NONE)));
        });
    scorings.forEach(
        (text, share) ->
            readingsOf(text.control(), readings).addAll(text.readings(share.promptTokens)));
    failures.keySet().forEach(readings::remove);
    failures.putAll(pass.read(readings, DecodeStep::isGivenUp));
  }

  private static List<Reading> readingsOf(
      RequestControl request, Map<RequestControl, List<Reading>> readings) {
    return readings.computeIfAbsent(request, r -> new ArrayList<>());
  }

  /** Experts that waited for what the base says read for the tokens that they steer. */
  private void ask() {
    List<Verification> texts =
        verifications.stream().filter(text -> Gate.isOn(text.sequence())).toList();
    of(texts, text -> text.sequence().steering())
        .forEach(
            (steering, alike) -> guard(sequences(alike), () -> Gate.decide(steering, pass, alike)));
    List<Verification> asked =
        texts.stream().filter(text -> text.gating().filter(Gating::asked).isPresent()).toList();
    boolean more = true;
    while (more) {
      more = readOf(asked, Gate::missed);
    }
    readOf(asked, Gate::rest);
  }

  /** Whether there was something to read. */
  private boolean readOf(
      List<Verification> texts, Function<Verification, List<Reading>> readingsOf) {
    Map<RequestControl, List<Reading>> readings = new LinkedHashMap<>();
    for (Verification text : texts) {
      RequestControl control = text.sequence().control();
      List<Reading> due = failures.containsKey(control) ? List.of() : readingsOf.apply(text);
      if (!due.isEmpty()) {
        readingsOf(control, readings).addAll(due);
      }
    }
    failures.putAll(pass.read(readings, DecodeStep::isGivenUp));
    return !readings.isEmpty();
  }

  private static boolean isGivenUp(RequestControl request) {
    return request.end().isPresent();
  }

  private static List<Sequence> sequences(List<Verification> texts) {
    return texts.stream().map(Verification::sequence).toList();
  }

  private Map<Steering, List<Verification>> of(
      List<Verification> texts, Function<Verification, Steering> steering) {
    return texts.stream()
        .filter(text -> !failures.containsKey(text.sequence().control()))
        .collect(Collectors.groupingBy(steering, LinkedHashMap::new, Collectors.toList()));
  }

  /** Where the application's code may fail a text, the text is alone. */
  private void pickFor(Steering steering, List<Verification> texts) {
    if (steering.fusion().runsCode()) {
      texts.forEach(text -> pick(steering, List.of(text)));
    } else {
      pick(steering, texts);
    }
  }

  private void pick(Steering steering, List<Verification> texts) {
    List<Verification> whole = pass.hasPartial() ? pickOfPartial(steering, texts) : texts;
    if (whole.isEmpty()) {
      return;
    }
    if (whole.size() > 1 && steering.isAcrossTokenizers()) {
      pickTranslated(steering, whole);
    } else {
      guard(
          sequences(whole),
          () -> {
            try (PickRows rows = fuse(steering, whole)) {
              pick(rows, whole);
            }
          });
    }
  }

  /** Translating runs models: where that fails for several texts, it is repeated for each alone. */
  private void pickTranslated(Steering steering, List<Verification> texts) {
    PickRows fused;
    try {
      fused = fuse(steering, texts);
    } catch (RuntimeException e) {
      texts.forEach(text -> pick(steering, List.of(text)));
      return;
    }
    try (fused) {
      guard(sequences(texts), () -> pick(fused, texts));
    }
  }

  /** Picks where the base shows its likeliest ids only, and returns the texts where it does not. */
  private List<Verification> pickOfPartial(Steering steering, List<Verification> texts) {
    List<Verification> whole = new ArrayList<>();
    for (Verification text : texts) {
      guard(
          List.of(text.sequence()),
          () ->
              PartialRows.find(pass, text.sequence().sessions(), steering.roles(), text.rows())
                  .ifPresentOrElse(
                      rows -> new PartialPick(steering, pass, text, rows).run(),
                      () -> whole.add(text)));
    }
    return whole;
  }

  /** A row for each token to pick: {@code base + Σ α · (expert − anti-expert)}, or as is told. */
  private PickRows fuse(Steering steering, List<Verification> texts) {
    int row = 0;
    for (Verification text : texts) {
      text.startAt(row);
      row += text.rows();
    }
    RoleLogits roles =
        steering.rows(
            pass,
            texts.stream().map(text -> text.sequence().sessions()).toList(),
            texts.stream().mapToInt(Verification::rows).toArray());
    return PickRows.fuse(steering, roles, texts);
  }

  static void pick(PickRows rows, List<Verification> texts) {
    texts.stream()
        .filter(text -> text.sequence().runsCode())
        .forEach(text -> text.sequence().pickLater(rows.of(text), text));
    List<Verification> open = texts.stream().filter(text -> !text.sequence().runsCode()).toList();
    while (!open.isEmpty()) {
      rows.pick(open);
      open = open.stream().filter(Verification::goesOn).toList();
    }
  }

  /** What fails here fails these texts' requests, and no other. */
  private void guard(List<? extends StepMember> texts, Runnable work) {
    if (texts.stream().anyMatch(text -> failures.containsKey(text.control()))) {
      return;
    }
    try {
      work.run();
    } catch (RuntimeException e) {
      texts.forEach(text -> failures.putIfAbsent(text.control(), e));
    }
  }

  @Override
  public void close() {
    Closeables.all(List.of(pass));
  }
}
