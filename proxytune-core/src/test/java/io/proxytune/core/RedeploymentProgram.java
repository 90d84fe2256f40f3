package io.proxytune.core;

import java.io.File;
import java.lang.ref.Reference;
import java.lang.ref.WeakReference;
import java.lang.reflect.Field;
import java.net.URLClassLoader;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A server: its own class loader has the natives' bindings, and an application with the library in
 * a class loader of its own comes, works on the server's thread, and goes.
 */
public final class RedeploymentProgram {
  private static final int TRIES = 100;

  private RedeploymentProgram() {}

  /**
   * Prints what applications did, what of theirs is still on a thread, and how many were collected.
   *
   * @param args the folder of resources, and how many applications come and go
   */
  public static void main(String[] args) throws Exception {
    Predicate<String> bindings = entry -> entry.contains("bytedeco") || isDjl(entry);
    URLClassLoader server =
        LoadingProgram.loader(
            ClassLoader.getPlatformClassLoader(), entry -> bindings.test(entry) || isSlf4j(entry));
    // Its thread would keep whoever comes first, as the README says.
    Class.forName("org.bytedeco.javacpp.Pointer", true, server);
    List<WeakReference<ClassLoader>> gone = new ArrayList<>();
    for (int i = 0; i < Integer.parseInt(args[1]); i++) {
      gone.add(deploy(server, bindings.negate().and(entry -> !isSlf4j(entry)), args[0]));
    }
    forgetTheLastRecord();
    System.out.println("collected: " + collected(gone) + " of " + gone.size());
  }

  private record Last(String value) {}

  /**
   * A JDK of before 19 keeps the type of the last record's component that it made {@code equals} or
   * {@code hashCode} for; the next record's, here one of the JDK's own types, takes its place.
   */
  private static void forgetTheLastRecord() {
    Last last = new Last("a");
    if (last.equals(new Last("b")) || last.hashCode() != new Last("a").hashCode()) {
      throw new AssertionError("records can't be compared");
    }
  }

  private static boolean isDjl(String entry) {
    return entry.contains(String.join(File.separator, "ai", "djl"))
        || entry.contains("gson")
        || entry.contains("jna");
  }

  private static boolean isSlf4j(String entry) {
    return entry.contains("slf4j");
  }

  private static WeakReference<ClassLoader> deploy(
      ClassLoader server, Predicate<String> own, String resources) throws Exception {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    try (URLClassLoader application = LoadingProgram.loader(server, own)) {
      thread.setContextClassLoader(application);
      System.out.println(LoadingProgram.run(application, ApplicationProgram.class, resources));
      return new WeakReference<>(application);
    } finally {
      thread.setContextClassLoader(before);
      keptByThreads().forEach(System.out::println);
    }
  }

  /** Threads of a closed tuner end by themselves, in their own time. */
  private static List<String> keptByThreads() throws Exception {
    List<String> kept = kept();
    for (int i = 0; i < TRIES && !kept.isEmpty(); i++) {
      Thread.sleep(20);
      kept = kept();
    }
    return kept;
  }

  private static List<String> kept() throws ReflectiveOperationException {
    List<String> kept = new ArrayList<>();
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      kept.addAll(kept(thread));
    }
    return kept;
  }

  private static long collected(List<WeakReference<ClassLoader>> gone) throws Exception {
    long collected = 0;
    for (int i = 0; i < TRIES && collected < gone.size(); i++) {
      System.gc();
      Thread.sleep(20);
      collected = gone.stream().filter(each -> each.refersTo(null)).count();
    }
    return collected;
  }

  /** Names what of an application a thread still has, so that a failure tells its cause. */
  private static List<String> kept(Thread thread) throws ReflectiveOperationException {
    List<String> kept = new ArrayList<>();
    if (isApplications(thread.getContextClassLoader())) {
      kept.add(thread.getName() + " keeps a context class loader");
    }
    for (Object value : locals(thread)) {
      if (isApplications(value.getClass().getClassLoader())) {
        kept.add(thread.getName() + " keeps " + value.getClass().getName());
      }
    }
    return kept;
  }

  private static boolean isApplications(@Nullable ClassLoader loader) {
    return loader instanceof URLClassLoader && loader.getParent() instanceof URLClassLoader;
  }

  /** The thread locals of a thread with their values, also those behind a reference. */
  private static List<Object> locals(Thread thread) throws ReflectiveOperationException {
    List<Object> found = new ArrayList<>();
    for (String name : List.of("threadLocals", "inheritableThreadLocals")) {
      Object map = get(Thread.class, name, thread);
      Object[] table = map == null ? new Object[0] : (Object[]) get(map.getClass(), "table", map);
      for (Object entry : table) {
        if (entry != null) {
          found.add(((Reference<?>) entry).get());
          Object value = get(entry.getClass(), "value", entry);
          found.add(value);
          found.add(value instanceof Reference<?> reference ? reference.get() : null);
        }
      }
    }
    found.removeIf(Objects::isNull);
    return found;
  }

  private static Object get(Class<?> type, String name, Object of)
      throws ReflectiveOperationException {
    Field field = type.getDeclaredField(name);
    field.setAccessible(true);
    return field.get(of);
  }
}
