package io.proxytune.core.speculation;

import io.proxytune.Token;
import io.proxytune.core.sampling.SamplerState;
import java.util.ArrayList;
import java.util.List;

/** The sampling state of a drafter, which runs ahead of its text. For one thread at a time. */
final class DraftState implements AutoCloseable {
  private final SamplerState state;
  private final List<Integer> ids = new ArrayList<>();
  private int agreed;

  DraftState(SamplerState state) {
    this.state = state;
  }

  SamplerState state() {
    return state;
  }

  /** Takes back what was drafted in vain and takes over what the text got. */
  void follow(List<Token> tokens) {
    while (agreed < Math.min(ids.size(), tokens.size())
        && ids.get(agreed) == tokens.get(agreed).id()) {
      agreed++;
    }
    if (agreed < ids.size()) {
      state.truncate(agreed);
      ids.subList(agreed, ids.size()).clear();
    }
    for (; agreed < tokens.size(); agreed++) {
      append(tokens.get(agreed).id());
    }
  }

  /** Records a drafted token. */
  void append(int id) {
    state.append(id);
    ids.add(id);
  }

  @Override
  public void close() {
    state.close();
  }
}
