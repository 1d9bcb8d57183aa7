package io.millrace.transport.tls;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.millrace.transport.tls.ElfSymbols.Function;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Functions that a native library of Netty contains and does not export, so that the dynamic linker
 * does not find them: their places are read from the library's file in the jar ({@link
 * ElfSymbols}), and counted from one symbol that is exported.
 *
 * <p>Before anything is called, the code in memory is compared with the code in the file, function
 * by function: another library of the same name, or another build of it, is noticed and not called.
 */
final class LocalFunctions {
  private final long base;
  private final Map<String, Function> functions;

  private LocalFunctions(long base, Map<String, Function> functions) {
    this.base = base;
    this.functions = functions;
  }

  /**
   * Finds functions of a library that has been loaded, by the class loader of this class.
   *
   * @param name of the library, as it begins before the machine's: {@code libnetty_tcnative_linux_}
   * @param anchor the exported symbol
   * @throws IOException saying why nothing may be called
   */
  static LocalFunctions of(String name, String anchor, Set<String> wanted) throws IOException {
    if (!System.getProperty("os.name", "").equals("Linux")) {
      throw new IOException("the system is not Linux");
    }
    if (!LocalFunctions.class.getModule().isNativeAccessEnabled()) {
      throw new IOException("java runs without --enable-native-access=ALL-UNNAMED");
    }
    Set<String> all = new HashSet<>(wanted);
    all.add(anchor);
    Map<String, Function> functions = read(name, all);
    all.removeAll(functions.keySet());
    if (!all.isEmpty()) {
      throw new IOException(name + " has no " + String.join(", ", all));
    }
    MemorySegment loaded = SymbolLookup.loaderLookup().find(anchor).orElse(null);
    Function anchored = functions.get(anchor);
    if (loaded == null || anchored == null) {
      throw new IOException(name + " is not loaded");
    }
    long base = loaded.address() - anchored.address();
    for (Function each : functions.values()) {
      if (!isLoaded(base, each)) {
        throw new IOException(name + " in memory is not the one in its jar");
      }
    }
    return new LocalFunctions(base, functions);
  }

  private static Map<String, Function> read(String name, Set<String> wanted) throws IOException {
    String machine = System.getProperty("os.arch", "").equals("aarch64") ? "aarch_64" : "x86_64";
    String resource = "META-INF/native/" + name + machine + ".so";
    try (InputStream in = LocalFunctions.class.getClassLoader().getResourceAsStream(resource)) {
      if (in == null) {
        throw new IOException(resource + " is not on the class path");
      }
      return ElfSymbols.find(in.readAllBytes(), wanted);
    }
  }

  /** Code is position-independent, so that it has to be the same to the byte. */
  private static boolean isLoaded(long base, Function function) {
    byte[] code = function.code();
    MemorySegment memory =
        MemorySegment.ofAddress(base + function.address()).reinterpret(code.length);
    return Arrays.equals(memory.toArray(JAVA_BYTE), code);
  }

  /**
   * One of the functions that were wanted, to be called.
   *
   * @param shape as the library's header declares it
   */
  MethodHandle handle(String name, FunctionDescriptor shape) {
    Function function = functions.get(name);
    if (function == null) {
      throw new IllegalArgumentException(name);
    }
    return Linker.nativeLinker()
        .downcallHandle(MemorySegment.ofAddress(base + function.address()), shape);
  }

  /** What a call of these functions threw: they throw nothing of their own. */
  static RuntimeException unexpected(Throwable thrown) {
    if (thrown instanceof Error error) {
      throw error;
    }
    return new IllegalStateException(thrown);
  }
}
