package io.proxytune.core.torch;

import java.nio.charset.StandardCharsets;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;

/**
 * The environment of this process as its native libraries read it. Java's own stays as it was, and
 * so does that of the processes which the application starts.
 */
final class NativeEnvironment {
  private NativeEnvironment() {}

  /**
   * Adds a variable. As POSIX allows it, a new list of all variables takes the place of the old
   * one; this works before any library that has a function for it is loaded. What was there may
   * still be read by others, and so nothing is freed.
   *
   * @return false where the system has no such list
   */
  static synchronized boolean add(String name, String value) {
    Loader.load(Pointer.class);
    Pointer environ = Loader.addressof("environ");
    if (environ == null || environ.isNull()) {
      return false;
    }
    PointerPointer<Pointer> place = new PointerPointer<>(environ);
    Pointer present = place.get(0);
    PointerPointer<Pointer> old = new PointerPointer<>(present);
    long count = 0;
    while (present != null && old.get(count) != null) {
      count++;
    }
    PointerPointer<Pointer> list =
        new PointerPointer<>(Pointer.calloc(count + 2, Loader.sizeof(Pointer.class)));
    for (long i = 0; i < count; i++) {
      list.put(i, old.get(i));
    }
    list.put(count, text(name + "=" + value));
    place.put(0, list);
    return true;
  }

  private static Pointer text(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    BytePointer copy = new BytePointer(Pointer.calloc(bytes.length + 1L, 1));
    copy.put(bytes, 0, bytes.length);
    return copy;
  }
}
