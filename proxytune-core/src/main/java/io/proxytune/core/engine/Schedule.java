package io.proxytune.core.engine;

import io.proxytune.Batching;
import io.proxytune.ProxyTuneException;
import io.proxytune.core.decode.DecodeStep.Share;
import io.proxytune.core.decode.StepMember;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;

/**
 * Who takes part in the next step. Requests begin in the order in which they came, none before
 * another that waits for room. Where prompts begin alike, one reads that, and the others begin when
 * it has. Where more texts go on than a step takes, those go first that waited longest. For one
 * thread at a time.
 */
final class Schedule {
  /** Less of a prompt in a step is not worth its while, however many prompts there are. */
  private static final int LEAST_SHARE = 16;

  private final Batching limits;
  private final CacheMemory memory;
  private final PromptBudget beside = new PromptBudget();
  private long step;
  private int promptTokens;
  private int draftTokens;

  Schedule(Batching limits, CacheMemory memory) {
    this.limits = limits;
    this.memory = memory;
  }

  /** A group with the request that it belongs to. */
  private record Member(Request request, TextGroup group) {}

  /**
   * Begins what can begin, and chooses.
   *
   * @param present requests whose readers wait, none ended
   * @param othersGoOn how many streams are not here and will soon want a step that does not take
   *     long
   * @param idle requests that have begun and whose readers are away; they may lose their memory
   * @return each sequence of the next step with its share
   */
  List<Share> next(List<Request> present, int othersGoOn, List<Request> idle) {
    step++;
    promptTokens = 0;
    draftTokens = 0;
    List<Request> ordered =
        present.stream().sorted(Comparator.comparingLong(r -> r.reader.number)).toList();
    List<Member> members = new ArrayList<>();
    for (Request request : ordered) {
      request.begun().forEach(group -> members.add(new Member(request, group)));
    }
    begin(ordered, members, idle.iterator());
    members.removeIf(member -> member.request.hasEnded());
    List<Member> chosen = chosen(members);
    chosen.forEach(member -> member.group.takesPartIn(step));
    return shares(chosen, othersGoOn);
  }

  private void begin(List<Request> ordered, List<Member> members, Iterator<Request> idle) {
    int texts = members.stream().mapToInt(member -> member.group.unfinished().size()).sum();
    for (Request request : ordered) {
      while (!request.hasEnded() && !request.waiting().isEmpty()) {
        TextGroup next = request.waiting().element();
        if (members.stream().anyMatch(member -> member.group.readsFor(next))) {
          break; // it goes on from there
        }
        boolean hasPlace = texts == 0 || texts + next.size() <= limits.maxSequences();
        if (!hasPlace || !takeMemory(request, next, idle)) {
          return;
        }
        if (request.hasEnded()) {
          break;
        }
        if (!request.tryBegin()) {
          memory.give(next.cacheBytes());
          break;
        }
        request.beginNext(memory);
        members.add(new Member(request, next));
        texts += next.size();
      }
    }
  }

  /** Takes the memory, if there is; a request that can never have it fails. */
  private boolean takeMemory(Request request, TextGroup group, Iterator<Request> idle) {
    long bytes = group.cacheBytes();
    if (memory.holds(bytes)) {
      return takeMemory(bytes, idle);
    }
    request.fail(
        new ProxyTuneException(
            String.format(
                "the KV caches of this request need %d bytes, and all may have %d: shorten the"
                    + " prompt, ask for fewer new tokens, or raise Batching.withCacheBytes",
                bytes, memory.limit())));
    return true;
  }

  private boolean takeMemory(long bytes, Iterator<Request> idle) {
    boolean taken = memory.tryTake(bytes);
    while (!taken && idle.hasNext()) {
      taken = idle.next().tryPause() && memory.tryTake(bytes);
    }
    return taken;
  }

  private List<Member> chosen(List<Member> members) {
    int texts = members.stream().mapToInt(member -> member.group.unfinished().size()).sum();
    if (texts <= limits.maxSequences()) {
      return members;
    }
    List<Member> chosen = new ArrayList<>();
    int taken = 0;
    for (Member member :
        members.stream().sorted(Comparator.comparingLong(m -> m.group.lastStep())).toList()) {
      int size = member.group.unfinished().size();
      if (chosen.isEmpty() || taken + size <= limits.maxSequences()) {
        chosen.add(member);
        taken += size;
      }
    }
    return chosen;
  }

  private List<Share> shares(List<Member> chosen, int othersGoOn) {
    List<Share> shares = new ArrayList<>();
    List<Member> reading = new ArrayList<>();
    boolean watched = othersGoOn > 0;
    for (Member member : chosen) {
      if (member.group.hasReadPrompt()) {
        member.group.unfinished().forEach(text -> shares.add(new Share(text, 0)));
        watched |= !member.request.reader.untilEnd;
      } else {
        reading.add(member);
      }
    }
    int goingOn = shares.size();
    int left = limits.stepTokens() - goingOn;
    if (watched) {
      left = Math.min(left, tokensBeside(reading.size(), goingOn + othersGoOn));
    }
    addPrompts(shares, reading, Math.max(1, left));
    draftTokens = Math.max(0, limits.stepTokens() - goingOn - promptTokens);
    return shares;
  }

  /**
   * How many prompt tokens a step reads where someone sees how long it takes. Reading them a few at
   * a time makes steps alike, and lets the prompts wait for more steps: so there are more where
   * more texts wait than go on. Who waits for a text's end sees no step, and is sooner done where
   * prompts are read at once.
   */
  private int tokensBeside(int reading, int goingOn) {
    return beside.tokens() * Math.max(1, reading / Math.max(1, goingOn));
  }

  /** How many tokens the step leaves to drafts. */
  int draftTokens() {
    return draftTokens;
  }

  /** Prompts share the room, in the order of their requests. */
  private void addPrompts(List<Share> shares, List<Member> reading, int room) {
    int largest =
        reading.stream().mapToInt(member -> member.request.prefillChunk()).max().orElse(1);
    int left = Math.min(room, largest);
    int fair = reading.isEmpty() ? 0 : Math.max(left / reading.size(), LEAST_SHARE);
    for (Member member : reading) {
      int share = Math.min(Math.min(left, fair), member.request.prefillChunk());
      if (share == 0) {
        return;
      }
      List<StepMember> texts = member.group.unfinished();
      int tokens = Math.min(share, texts.get(0).unread());
      texts.forEach(text -> shares.add(new Share(text, tokens)));
      left -= tokens;
      promptTokens += tokens;
    }
  }

  /** Learns from a step's time. */
  void ran(List<Share> shares, long nanos) {
    boolean goesOn = shares.stream().anyMatch(share -> share.promptTokens() == 0);
    if (goesOn) {
      beside.learn(promptTokens, nanos);
    }
  }
}
