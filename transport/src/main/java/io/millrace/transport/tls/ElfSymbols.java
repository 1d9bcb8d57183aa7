package io.millrace.transport.tls;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Functions of a shared library by name, the local ones too, read from its section {@code .symtab}
 * (System V ABI, ELF-64, chapters 4 and 5). What the dynamic linker knows ({@code .dynsym}) has
 * only the exported ones.
 *
 * <pre>
 * header   0x28 e_shoff 8 | 0x3A e_shentsize 2 | 0x3C e_shnum 2
 * section  0x04 type 4 | 0x10 addr 8 | 0x18 offset 8 | 0x20 size 8 | 0x28 link 4
 * symbol   0x00 name 4 | 0x04 info 1 | 0x06 section 2 | 0x08 value 8 | 0x10 size 8
 * </pre>
 */
final class ElfSymbols {
  private static final int MAGIC = 0x7f454c46;
  private static final int CLASS_64_LITTLE = 0x0201;
  private static final int SECTION_BYTES = 0x40;
  private static final int SYMBOL_BYTES = 24;
  private static final int SYMTAB = 2;
  private static final int FUNCTION = 2;
  private static final int MAX_CODE_BYTES = 1 << 16;

  private final ByteBuffer file;
  private final int sectionsAt;
  private final int sectionCount;

  /**
   * A function.
   *
   * @param address relative to where the library is loaded
   * @param code its machine code, as the file has it
   */
  @SuppressWarnings("ArrayRecordComponent") // compared by nobody
  record Function(long address, byte[] code) {}

  private ElfSymbols(byte[] bytes) throws IOException {
    file = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    if (bytes.length < SECTION_BYTES
        || Integer.reverseBytes(file.getInt(0)) != MAGIC
        || Short.reverseBytes(file.getShort(4)) != CLASS_64_LITTLE
        || (file.getShort(0x3A) & 0xffff) != SECTION_BYTES) {
      throw new IOException("no ELF file of 64 bits, little-endian");
    }
    sectionCount = file.getShort(0x3C) & 0xffff;
    sectionsAt = within(file.getLong(0x28), (long) sectionCount * SECTION_BYTES);
  }

  /**
   * Finds functions.
   *
   * @return those of {@code wanted} that are defined in the file
   * @throws IOException when this is no 64-bit, little-endian ELF file, or a broken one
   */
  static Map<String, Function> find(byte[] elf, Set<String> wanted) throws IOException {
    ElfSymbols symbols = new ElfSymbols(elf);
    Map<String, Function> found = new HashMap<>();
    for (int i = 0; i < symbols.sectionCount; i++) {
      if (symbols.file.getInt(symbols.section(i) + 4) == SYMTAB) {
        symbols.read(symbols.section(i), wanted, found);
      }
    }
    return found;
  }

  private void read(int table, Set<String> wanted, Map<String, Function> found) throws IOException {
    long tableBytes = file.getLong(table + 0x20);
    int first = within(file.getLong(table + 0x18), tableBytes);
    int names = section(file.getInt(table + 0x28));
    int namesBytes = (int) file.getLong(names + 0x20);
    int namesAt = within(file.getLong(names + 0x18), file.getLong(names + 0x20));
    for (int at = first; at + SYMBOL_BYTES <= first + tableBytes; at += SYMBOL_BYTES) {
      boolean defined = (file.get(at + 4) & 15) == FUNCTION && file.getShort(at + 6) > 0;
      if (defined) {
        String name = name(namesAt, namesBytes, file.getInt(at));
        if (wanted.contains(name)) {
          found.put(name, function(at));
        }
      }
    }
  }

  private Function function(int symbol) throws IOException {
    int section = section(file.getShort(symbol + 6));
    long address = file.getLong(symbol + 8);
    long sizeBytes = file.getLong(symbol + 0x10);
    if (sizeBytes <= 0 || sizeBytes > MAX_CODE_BYTES) {
      throw new IOException("a function of " + sizeBytes + " bytes");
    }
    long offset = file.getLong(section + 0x18) + address - file.getLong(section + 0x10);
    byte[] code = new byte[(int) sizeBytes];
    file.get(within(offset, sizeBytes), code);
    return new Function(address, code);
  }

  private int section(int index) throws IOException {
    if (index < 0 || index >= sectionCount) {
      throw new IOException("a section " + index + " of " + sectionCount);
    }
    return sectionsAt + index * SECTION_BYTES;
  }

  private String name(int namesAt, int namesBytes, int offset) throws IOException {
    if (offset < 0 || offset >= namesBytes) {
      throw new IOException("a name outside of its table");
    }
    int end = namesAt + offset;
    while (end < namesAt + namesBytes && file.get(end) != 0) {
      end++;
    }
    byte[] bytes = new byte[end - namesAt - offset];
    file.get(namesAt + offset, bytes);
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  private int within(long offset, long sizeBytes) throws IOException {
    if (offset < 0 || sizeBytes < 0 || offset > file.capacity() - sizeBytes) {
      throw new IOException("an ELF file that is cut short");
    }
    return (int) offset;
  }
}
