package io.proxytune.core.torch.script;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * The file that LibTorch reads a TorchScript module from: a zip archive with the source, and a
 * pickle of the module object, which here has no attributes. Sources that are compiled without such
 * a file know {@code torch.…} alone, not {@code ops.…}, the operators of other libraries.
 */
final class ScriptArchive {
  private static final String FOLDER = "script/";

  /** The newest container format: in older ones operators are what they were then. */
  private static final String VERSION = "10\n";

  private static final byte[] NO_CONSTANTS = {(byte) 0x80, 2, ')', '.'}; // protocol 2: ()

  private ScriptArchive() {}

  /**
   * Writes a module.
   *
   * @param className the class that the source defines
   * @param source in the form that LibTorch itself writes sources in
   */
  static void write(Path file, String className, String source) throws IOException {
    try (OutputStream out = Files.newOutputStream(file);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      add(zip, "data.pkl", moduleObject(className));
      add(zip, "code/__torch__.py", source.getBytes(UTF_8));
      add(zip, "constants.pkl", NO_CONSTANTS);
      add(zip, "version", VERSION.getBytes(UTF_8));
    }
  }

  private static void add(ZipOutputStream zip, String name, byte[] bytes) throws IOException {
    zip.putNextEntry(new ZipEntry(FOLDER + name));
    zip.write(bytes);
    zip.closeEntry();
  }

  /** Pickle, protocol 2: the class, (), NEWOBJ, {}, BUILD. */
  private static byte[] moduleObject(String className) {
    String pickle = "\u0080\u0002c__torch__\n" + className + "\n)\u0081}b.";
    byte[] bytes = new byte[pickle.length()];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) pickle.charAt(i);
    }
    return bytes;
  }
}
