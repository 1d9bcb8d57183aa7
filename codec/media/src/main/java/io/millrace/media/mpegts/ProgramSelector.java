package io.millrace.media.mpegts;

import io.millrace.media.MediaFormatException;
import io.millrace.media.mpegts.StreamKind.Use;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Follows the program association table and the maps of its programs, and chooses one: the one
 * asked for, or else the first with video. Without any video the first with sound is taken, once
 * every program's map is known.
 *
 * <p>A chosen program stays chosen while the association names it; when it goes, the choice is made
 * anew.
 */
final class ProgramSelector {
  /** What a session may announce; further programs are left out. */
  private static final int MAXIMUM_PROGRAMS = 64;

  /** Streams of a program; further ones are left out. */
  private static final int MAXIMUM_STREAMS = 64;

  /** No special wish. */
  static final int ANY_PROGRAM = 0;

  private final int wanted;
  private final Tally tally;
  private final Consumer<TsProgram> chosenSink;
  private final SectionAssembler association;
  private final Map<Integer, SectionAssembler> mapAssemblers = new HashMap<>();

  /** Sections of the association's version that is being gathered, by section_number. */
  private final Map<Integer, ProgramAssociation> parts = new HashMap<>();

  private int partsVersion = -1;
  private int partsStreamId = -1;

  /** Program number to PID of the map, in the association's order. */
  private Map<Integer, Integer> programs = Map.of();

  private final Map<Integer, TsProgram> maps = new HashMap<>();
  private @Nullable TsProgram chosen;
  private boolean everChosen;

  /**
   * @param wanted program_number, or {@link #ANY_PROGRAM}
   * @param chosenSink is told of the chosen program and of each change of it
   */
  ProgramSelector(int wanted, Tally tally, Consumer<TsProgram> chosenSink) {
    this.wanted = wanted;
    this.tally = tally;
    this.chosenSink = chosenSink;
    this.association = new SectionAssembler(tally, this::associationSection);
  }

  @Nullable TsProgram chosen() {
    return chosen;
  }

  /** Takes a packet if it is of a table; false when it is not. */
  boolean accept(TsPacket packet) {
    if (packet.pid() == TsPacket.PID_PAT) {
      association.accept(packet);
      return true;
    }
    SectionAssembler map = mapAssemblers.get(packet.pid());
    if (map == null) {
      return false;
    }
    map.accept(packet);
    return true;
  }

  private void associationSection(ByteBuf bytes) {
    if (bytes.getUnsignedByte(bytes.readerIndex()) != ProgramAssociation.TABLE_ID) {
      return;
    }
    Section section;
    ProgramAssociation part;
    try {
      section = Section.parse(bytes);
      part = ProgramAssociation.parse(section);
    } catch (MediaFormatException e) {
      tally.sectionErrors++;
      return;
    }
    if (!section.current() || section.number() > section.lastNumber()) {
      return;
    }
    if (part.version() != partsVersion || part.transportStreamId() != partsStreamId) {
      parts.clear();
      partsVersion = part.version();
      partsStreamId = part.transportStreamId();
    }
    parts.put(section.number(), part);
    if (parts.size() > section.lastNumber()) {
      associate();
    }
  }

  private void associate() {
    Map<Integer, Integer> found = new LinkedHashMap<>();
    parts.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .flatMap(part -> part.getValue().entries().stream())
        .limit(MAXIMUM_PROGRAMS)
        .forEach(entry -> found.put(entry.program(), entry.pid()));
    if (found.equals(programs)) {
      return;
    }
    Map<Integer, Integer> before = programs;
    programs = found;
    maps.keySet().removeIf(number -> !Objects.equals(found.get(number), before.get(number)));
    mapAssemblers.keySet().retainAll(found.values());
    for (int pid : found.values()) {
      mapAssemblers.computeIfAbsent(
          pid, _ -> new SectionAssembler(tally, section -> mapSection(pid, section)));
    }
    TsProgram current = chosen;
    if (current != null && !found.containsKey(current.number())) {
      chosen = null;
    }
    choose();
  }

  private void mapSection(int pid, ByteBuf bytes) {
    if (bytes.getUnsignedByte(bytes.readerIndex()) != ProgramMap.TABLE_ID) {
      return;
    }
    ProgramMap map;
    try {
      Section section = Section.parse(bytes);
      if (!section.current() || !Integer.valueOf(pid).equals(programs.get(section.extension()))) {
        return;
      }
      map = ProgramMap.parse(section);
    } catch (MediaFormatException e) {
      tally.sectionErrors++;
      return;
    }
    TsProgram program = program(map);
    if (program.equals(maps.put(map.program(), program))) {
      return;
    }
    TsProgram current = chosen;
    if (current == null) {
      choose();
    } else if (current.number() == program.number()) {
      take(program);
    }
  }

  private TsProgram program(ProgramMap map) {
    Map<Integer, ElementaryStream> streams = new LinkedHashMap<>();
    for (ProgramMap.Stream stream : map.streams()) {
      boolean usable =
          stream.pid() >= TsPacket.FIRST_FREE_PID
              && stream.pid() != TsPacket.PID_NULL
              && !mapAssemblers.containsKey(stream.pid());
      if (usable && streams.size() < MAXIMUM_STREAMS) {
        streams.putIfAbsent(stream.pid(), StreamTypes.describe(map, stream));
      }
    }
    List<Integer> others = new ArrayList<>(programs.keySet());
    others.remove(Integer.valueOf(map.program()));
    return new TsProgram(map.program(), List.copyOf(streams.values()), List.copyOf(others));
  }

  private void choose() {
    if (chosen != null) {
      return;
    }
    if (wanted != ANY_PROGRAM) {
      TsProgram program = maps.get(wanted);
      if (program != null) {
        take(program);
      } else if (!everChosen && !programs.isEmpty() && !programs.containsKey(wanted)) {
        throw MediaFormatException.unsupported(
            "program " + wanted + " is not in the transport stream, only " + programs.keySet());
      }
      return;
    }
    TsProgram sound = null;
    boolean anyStream = false;
    for (int number : programs.keySet()) {
      TsProgram program = maps.get(number);
      if (program == null) {
        return; // of those before it none has video; wait for this one
      }
      anyStream |= !program.streams().isEmpty();
      if (!program.of(Use.VIDEO).isEmpty()) {
        take(program);
        return;
      }
      if (sound == null && !program.of(Use.AUDIO).isEmpty()) {
        sound = program;
      }
    }
    if (sound != null) {
      take(sound);
    } else if (anyStream) {
      throw nothingPlayable(maps.values());
    }
  }

  /** A map without streams is one that its multiplexer has yet to fill. */
  private void take(TsProgram program) {
    if (program.streams().isEmpty()) {
      return;
    }
    if (!program.playable()) {
      throw nothingPlayable(List.of(program));
    }
    chosen = program;
    everChosen = true;
    chosenSink.accept(program);
  }

  private static MediaFormatException nothingPlayable(Iterable<TsProgram> programs) {
    List<String> found = new ArrayList<>();
    for (TsProgram program : programs) {
      String streams =
          program.streams().stream()
              .limit(8)
              .map(ElementaryStream::toString)
              .collect(Collectors.joining(", "));
      if (found.size() < 2) {
        found.add(
            "program " + program.number() + (streams.isEmpty() ? " is empty" : ": " + streams));
      }
    }
    return MediaFormatException.unsupported(
        "no stream that can be played in " + String.join("; ", found));
  }
}
