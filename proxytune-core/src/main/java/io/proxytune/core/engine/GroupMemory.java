package io.proxytune.core.engine;

import io.proxytune.core.decode.StepMember;
import java.util.IdentityHashMap;
import java.util.List;

/**
 * The memory that was taken for the KV caches of a group. Where the others read what the first has
 * read of their prompt, its memory is there as long as one of them. Safe for use by several
 * threads.
 */
final class GroupMemory {
  private final CacheMemory memory;
  private final IdentityHashMap<StepMember, Long> taken =
      new IdentityHashMap<>(); // guarded by this
  private long shared; // guarded by this: given back with the last

  GroupMemory(CacheMemory memory, List<StepMember> members) {
    this.memory = memory;
    members.forEach(member -> taken.put(member, member.cacheBytes()));
    long first = members.get(0).cacheBytes();
    if (members.stream().anyMatch(member -> member.cacheBytes() < first)) {
      taken.put(members.get(0), 0L);
      shared = first;
    }
  }

  /** A member's memory is free, or no longer used by it: once for each. */
  synchronized void free(StepMember member) {
    Long own = taken.remove(member);
    if (own != null) {
      memory.give(own);
    }
    if (taken.isEmpty()) {
      memory.give(shared);
      shared = 0;
    }
  }
}
