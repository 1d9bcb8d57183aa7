package io.millrace.media.mpegts;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Keeps everything that a demultiplexer says. */
final class TsRecorder implements TsListener {
  record Unit(int pid, long pts, long dts, boolean randomAccess, byte[] bytes) {
    @Override
    public boolean equals(Object other) {
      return other instanceof Unit that
          && pid == that.pid
          && pts == that.pts
          && dts == that.dts
          && randomAccess == that.randomAccess
          && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
      return "PID %d pts %d dts %d%s %d bytes"
          .formatted(pid, pts, dts, randomAccess ? " key" : "", bytes.length);
    }
  }

  record Message(int pid, long pts, byte[] bytes) {}

  final List<TsProgram> programs = new ArrayList<>();
  final List<Unit> units = new ArrayList<>();
  final List<Message> cues = new ArrayList<>();
  final List<Integer> losses = new ArrayList<>();
  final List<String> notes = new ArrayList<>();

  List<Unit> of(int pid) {
    return units.stream().filter(unit -> unit.pid == pid).toList();
  }

  TsProgram program() {
    return programs.getLast();
  }

  /** PID of the first stream of a kind. */
  int pid(StreamKind kind) {
    return program().streams().stream()
        .filter(stream -> stream.kind() == kind)
        .findFirst()
        .orElseThrow()
        .pid();
  }

  @Override
  public void onProgram(TsProgram program) {
    programs.add(program);
  }

  @Override
  public void onAccessUnit(ElementaryStream stream, TsAccessUnit unit) {
    byte[] bytes = ByteBufUtil.getBytes(unit.payload());
    units.add(new Unit(stream.pid(), unit.pts(), unit.dts(), unit.randomAccess(), bytes));
  }

  @Override
  public void onCue(ElementaryStream stream, long pts, ByteBuf message) {
    cues.add(new Message(stream.pid(), pts, ByteBufUtil.getBytes(message)));
  }

  @Override
  public void onLoss(ElementaryStream stream, boolean randomAccess) {
    losses.add(stream.pid());
  }

  @Override
  public void onNote(String note) {
    notes.add(note);
  }
}
