package io.millrace.transport.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ElfSymbolsTest {
  private static final int CODE = 64;
  private static final int NAMES = 80;
  private static final int SYMBOLS = 96;
  private static final int SECTIONS = 168;
  private static final Set<String> WANTED = Set.of("one", "two", "data");

  /** Two functions, one of them local, and something that is none. */
  private static byte[] elf() {
    ByteBuffer elf = ByteBuffer.allocate(SECTIONS + 4 * 64).order(ByteOrder.LITTLE_ENDIAN);
    elf.put(0, new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1});
    elf.putLong(0x28, SECTIONS).putShort(0x3A, (short) 64).putShort(0x3C, (short) 4);
    for (int i = 0; i < 16; i++) {
      elf.put(CODE + i, (byte) (i + 1));
    }
    elf.put(NAMES, "\0one\0two\0data\0".getBytes(StandardCharsets.US_ASCII));
    symbol(elf, 0, 1, 0x12, 0x1000, 4);
    symbol(elf, 1, 5, 0x02, 0x1004, 12);
    symbol(elf, 2, 9, 0x01, 0x1000, 4);
    section(elf, 1, 1, 0x1000, CODE, 16, 0);
    section(elf, 2, 2, 0, SYMBOLS, 72, 3);
    section(elf, 3, 3, 0, NAMES, 15, 0);
    return elf.array();
  }

  private static void symbol(ByteBuffer elf, int i, int name, int info, long value, long bytes) {
    int at = SYMBOLS + 24 * i;
    elf.putInt(at, name).put(at + 4, (byte) info).putShort(at + 6, (short) 1);
    elf.putLong(at + 8, value).putLong(at + 16, bytes);
  }

  private static void section(
      ByteBuffer elf, int i, int type, long address, long offset, long bytes, int link) {
    int at = SECTIONS + 64 * i;
    elf.putInt(at + 4, type).putLong(at + 0x10, address).putLong(at + 0x18, offset);
    elf.putLong(at + 0x20, bytes).putInt(at + 0x28, link);
  }

  @Test
  void findsFunctionsWithTheirCode() throws Exception {
    Map<String, ElfSymbols.Function> found = ElfSymbols.find(elf(), WANTED);
    assertThat(found).containsOnlyKeys("one", "two");
    assertThat(found.get("one").address()).isEqualTo(0x1000);
    assertThat(found.get("one").code()).containsExactly(1, 2, 3, 4);
    assertThat(found.get("two").address()).isEqualTo(0x1004);
    assertThat(found.get("two").code()).hasSize(12).startsWith(5).endsWith(16);
  }

  @Test
  void findsWhatTcnativeHides() throws Exception {
    String resource = "META-INF/native/libnetty_tcnative_linux_x86_64.so";
    byte[] library;
    try (var in = getClass().getClassLoader().getResourceAsStream(resource)) {
      assertThat(in).isNotNull();
      library = in.readAllBytes();
    }
    assertThat(ElfSymbols.find(library, Set.of("SSL_in_early_data", "no_such_function")))
        .containsOnlyKeys("SSL_in_early_data");
  }

  @Test
  void saysWhatIsNoLibrary() {
    assertThatThrownBy(() -> ElfSymbols.find(new byte[200], WANTED))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("no ELF file");
    byte[] short32 = elf();
    short32[4] = 1;
    assertThatThrownBy(() -> ElfSymbols.find(short32, WANTED)).isInstanceOf(IOException.class);
  }

  @Test
  void brokenFilesAreRefusedAndNothingElse() {
    Random random = new Random(7);
    int refused = 0;
    for (int i = 0; i < 20_000; i++) {
      byte[] elf = elf();
      for (int n = 1 + random.nextInt(3); n > 0; n--) {
        elf[random.nextInt(elf.length)] = (byte) random.nextInt(256);
      }
      byte[] file = random.nextInt(4) == 0 ? Arrays.copyOf(elf, random.nextInt(elf.length)) : elf;
      try {
        assertThat(WANTED).containsAll(ElfSymbols.find(file, WANTED).keySet());
      } catch (IOException e) {
        refused++;
      }
    }
    assertThat(refused).isBetween(3_000, 19_000);
  }
}
