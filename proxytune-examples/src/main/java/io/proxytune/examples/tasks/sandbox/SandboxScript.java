package io.proxytune.examples.tasks.sandbox;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The command that puts a Python into a sandbox: programs of util-linux and a shell's script. */
final class SandboxScript {
  /** Where those programs are, whatever the caller's path is. */
  static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  /** A program ends with the one that asked for it, however that ends. */
  private static final List<String> MORTAL = List.of("setpriv", "--pdeathsig=KILL");

  private static final List<String> NOBODY =
      List.of("--reuid=65534", "--regid=65534", "--clear-groups");

  /** Namespaces whose first process dies with its parent, and all others with it. */
  private static final List<String> NAMESPACES =
      List.of(
          "unshare",
          "--map-root-user",
          "--net",
          "--mount",
          "--pid",
          "--ipc",
          "--uts",
          "--fork",
          "--kill-child");

  /**
   * Makes a file system of folders that are needed, all read-only but a small /tmp. $1 is where it
   * is mounted, the others are the folders.
   */
  private static final String BUILD =
      """
      set -e
      root=$1; shift
      mount -t tmpfs -o size=1m,mode=755,nosuid,nodev tmpfs "$root"
      mkdir "$root/tmp" "$root/dev" "$root/old"
      for folder in "$@"; do
        mkdir -p "$root$folder"
        mount --bind "$folder" "$root$folder"
        mount -o remount,bind,ro,nosuid,nodev "$root$folder"
      done
      for link in /bin /sbin /lib /lib32 /lib64; do
        if [ -L "$link" ]; then ln -s "$(readlink "$link")" "$root$link"
        elif [ -d "$link" ]; then
          mkdir "$root$link"
          mount --bind "$link" "$root$link"
          mount -o remount,bind,ro,nosuid,nodev "$root$link"
        fi
      done
      : > "$root/dev/null"
      mount --bind /dev/null "$root/dev/null"
      mount -t tmpfs -o size=16m,nr_inodes=1k,mode=1777,nosuid,nodev,noexec tmpfs "$root/tmp"
      mount -o remount,bind,ro,nosuid,nodev "$root"
      """;

  /**
   * Makes that file system the root, and runs $2 with the arguments behind it under limits, without
   * any capability. The system's own root is covered, which only a capability could lift: to
   * unmount it, {@code umount} would need a /proc. No further namespaces can be made, whose file
   * systems would have limits of their own.
   */
  private static final String ENTER =
      """
      set -e
      echo 0 > /proc/sys/user/max_user_namespaces
      echo 0 > /proc/sys/kernel/shmmax
      mount --rbind "$1" "$1"
      cd "$1"; shift
      pivot_root . old
      cd /
      mount -t tmpfs -o size=4k,ro,nosuid,nodev,noexec tmpfs /old
      cd /tmp
      exec prlimit --as=536870912 --nproc=8 --nofile=32 --fsize=4194304 --core=0 --cpu=60 \
        setpriv --no-new-privs --bounding-set=-all --inh-caps=-all \
        env -i PATH=/usr/bin HOME=/tmp LC_ALL=C.UTF-8 "$@"
      """;

  private SandboxScript() {}

  /**
   * A command to be run as the user who runs this. An administrator's process is counted by no
   * limit of processes, so that it becomes nobody's.
   *
   * @param administrator whether the user is root
   * @param root an empty folder
   * @param folders what the program needs beside {@code /bin} and {@code /lib}, none in another
   * @param program what runs inside, with its arguments
   */
  static List<String> command(
      boolean administrator, String root, List<String> folders, List<String> program) {
    List<String> command = new ArrayList<>(MORTAL);
    command.addAll(administrator ? List.of("unshare", "--mount") : NAMESPACES);
    command.addAll(List.of("sh", "-c", outer(administrator, folders.size()), "sh", ENTER, root));
    command.addAll(folders);
    command.addAll(program);
    return command;
  }

  /** $1 is the inner script, $2 the root, then the folders, then the program. */
  private static String outer(boolean administrator, int folders) {
    StringBuilder script = new StringBuilder("enter=$1; shift\nbuild() {\n");
    script.append(BUILD).append("}\nbuild");
    for (int i = 1; i <= folders + 1; i++) {
      script.append(" \"$").append(i).append('"');
    }
    script.append("\nroot=$1; shift ").append(folders + 1).append("\nexec ");
    if (administrator) {
      Stream.of(MORTAL, NOBODY, NAMESPACES)
          .flatMap(List::stream)
          .forEach(word -> script.append(word).append(' '));
    }
    return script + "sh -c \"$enter\" sh \"$root\" \"$@\"\n";
  }
}
