package io.millrace.media.mpegts;

import java.util.List;

/**
 * The program that a demultiplexer has chosen.
 *
 * @param number program_number
 * @param streams in the order of the program map
 * @param otherPrograms numbers of the programs that are left alone
 */
public record TsProgram(int number, List<ElementaryStream> streams, List<Integer> otherPrograms) {
  /** The streams of one use, in order. */
  public List<ElementaryStream> of(StreamKind.Use use) {
    return streams.stream().filter(stream -> stream.kind().use() == use).toList();
  }

  boolean playable() {
    return !of(StreamKind.Use.VIDEO).isEmpty() || !of(StreamKind.Use.AUDIO).isEmpty();
  }
}
