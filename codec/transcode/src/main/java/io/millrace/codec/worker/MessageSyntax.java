package io.millrace.codec.worker;

import io.millrace.codec.ladder.Ladder;
import io.millrace.codec.ladder.RungPace;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackFormat;
import io.netty.buffer.ByteBuf;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * The bodies of frames. An access unit's payload is the rest of its frame, so that it need not be
 * copied on its way out, nor be a copy of something when it has come.
 *
 * <pre>
 * HELLO  version i32 · token          READY
 * OPEN   name · library? · ladder · source     CREDIT bytes i64
 * FORMAT lane u8 · track i32 · format          STATS  counters
 * BOUNDARY lane · sequence i64 · start i64 · epoch s i64, ns i32 · discontinuity · part i64
 * SAMPLE lane · track i32 · dts i64 · pts i64 · duration i64 · key · payload …
 * BREAK  lane · reason                RUNG_FAILED lane · reason
 * END    lane · reason                SOURCE_FAILED reason
 * WANT   lane · encode                CHANGE ladder · source · count i32 · lane …
 * </pre>
 */
final class MessageSyntax {
  /** By its position: a byte of the frame. */
  enum Type {
    HELLO,
    OPEN,
    READY,
    FORMAT,
    BOUNDARY,
    SAMPLE,
    BREAK,
    END,
    CREDIT,
    STATS,
    RUNG_FAILED,
    SOURCE_FAILED,
    WANT,
    CHANGE
  }

  /** Bytes of {@link Type#SAMPLE} before the payload, the type included. */
  static final int SAMPLE_HEAD_BYTES = 1 + 1 + 4 + 8 + 8 + 8 + 1;

  private static final int MAX_TRACK = 255;

  private MessageSyntax() {}

  /** Writes type and body, of an access unit all but its payload. Borrows {@code message}. */
  static void write(Message message, ByteBuf frame) {
    WireWriter out = new WireWriter(frame);
    switch (message) {
      case Message.Hello hello -> out.word(Type.HELLO).i32(hello.version()).bytes(hello.token());
      case Message.Open open -> {
        out.word(Type.OPEN)
            .text(open.streamName())
            .optionalText(open.svtAv1Library())
            .optionalText(open.vmafProgram());
        LadderSyntax.write(out, open.ladder());
        FormatSyntax.writeVideo(out, open.source());
      }
      case Message.Ready _ -> out.word(Type.READY);
      case Message.Event event -> write(out, event.lane(), event.event());
      case Message.Credit credit -> out.word(Type.CREDIT).i64(credit.bytes());
      case Message.Stats stats -> LadderSyntax.write(out.word(Type.STATS), stats.stats());
      case Message.RungFailed failed ->
          out.word(Type.RUNG_FAILED).u8(failed.lane()).text(failed.reason());
      case Message.SourceFailed failed -> out.word(Type.SOURCE_FAILED).text(failed.reason());
      case Message.Want want ->
          out.word(Type.WANT)
              .u8(want.lane())
              .flag(want.encode())
              .u8(want.pace().faster())
              .flag(want.pace().halfRate());
      case Message.Change change -> {
        LadderSyntax.write(out.word(Type.CHANGE), change.ladder());
        FormatSyntax.writeVideo(out, change.source());
        out.i32(change.lanes().size());
        change.lanes().forEach(out::u8);
      }
    }
  }

  private static void write(WireWriter out, int lane, TrackEvent event) {
    switch (event) {
      case TrackEvent.Format format -> {
        out.word(Type.FORMAT).u8(lane).i32(format.track());
        FormatSyntax.write(out, format.format());
      }
      case TrackEvent.Boundary boundary ->
          out.word(Type.BOUNDARY)
              .u8(lane)
              .i64(boundary.sequence())
              .i64(boundary.startTicks())
              .i64(boundary.epoch().getEpochSecond())
              .i32(boundary.epoch().getNano())
              .flag(boundary.discontinuity())
              .i64(boundary.partTicks());
      case TrackEvent.Sample sample ->
          out.word(Type.SAMPLE)
              .u8(lane)
              .i32(sample.track())
              .i64(sample.dtsTicks())
              .i64(sample.ptsTicks())
              .i64(sample.durationTicks())
              .flag(sample.key());
      case TrackEvent.Discontinuity broken -> out.word(Type.BREAK).u8(lane).text(broken.reason());
      case TrackEvent.End end -> out.word(Type.END).u8(lane).text(end.reason());
      case TrackEvent.Cue _ -> throw new IllegalArgumentException("cues are not transcoded");
    }
  }

  static Type type(int number) throws WireException {
    Type[] all = Type.values();
    if (number >= all.length) {
      throw new WireException("no message of type " + number);
    }
    return all[number];
  }

  /**
   * Reads the body of a frame.
   *
   * @param body all of it; of an access unit its payload is retained, everything else borrowed
   * @throws WireException for anything that {@link #write} does not write
   */
  static Message read(Type type, ByteBuf body) throws WireException {
    WireReader in = new WireReader(body);
    Message message =
        switch (type) {
          case HELLO -> new Message.Hello(in.i32(), in.bytes(Wire.TOKEN_BYTES));
          case OPEN -> open(in);
          case READY -> new Message.Ready();
          case FORMAT ->
              new Message.Event(lane(in), new TrackEvent.Format(track(in), FormatSyntax.read(in)));
          case BOUNDARY -> new Message.Event(lane(in), boundary(in));
          case SAMPLE -> sample(in);
          case BREAK -> new Message.Event(lane(in), new TrackEvent.Discontinuity(in.text()));
          case END -> new Message.Event(lane(in), new TrackEvent.End(in.text()));
          case CREDIT -> new Message.Credit(in.i64());
          case STATS -> new Message.Stats(LadderSyntax.readStats(in));
          case RUNG_FAILED -> new Message.RungFailed(lane(in), in.text());
          case SOURCE_FAILED -> new Message.SourceFailed(in.text());
          case WANT -> new Message.Want(lane(in), in.flag(), pace(in));
          case CHANGE -> change(in);
        };
    if (type != Type.SAMPLE) {
      in.end();
    }
    return message;
  }

  private static Message.Open open(WireReader in) throws WireException {
    String name = in.text();
    String library = in.optionalText();
    String program = in.optionalText();
    return new Message.Open(
        name, LadderSyntax.read(in), FormatSyntax.readVideo(in), library, program);
  }

  private static Message.Change change(WireReader in) throws WireException {
    Ladder ladder = LadderSyntax.read(in);
    TrackFormat.Video source = FormatSyntax.readVideo(in);
    List<Integer> lanes = new ArrayList<>();
    int count = in.count(Wire.MAX_RUNGS);
    for (int i = 0; i < count; i++) {
      lanes.add(lane(in));
    }
    try {
      return new Message.Change(ladder, source, lanes);
    } catch (IllegalArgumentException e) {
      throw new WireException("a change that is none: " + e.getMessage());
    }
  }

  private static Message.Event sample(WireReader in) throws WireException {
    int lane = lane(in);
    int track = track(in);
    long dtsTicks = in.i64();
    long ptsTicks = in.i64();
    long durationTicks = in.i64();
    boolean key = in.flag();
    ByteBuf payload = in.rest();
    if (!payload.isReadable()) {
      throw new WireException("an access unit without bytes");
    }
    return new Message.Event(
        lane,
        new TrackEvent.Sample(
            track, dtsTicks, ptsTicks, durationTicks, key, payload.retainedSlice()));
  }

  private static TrackEvent.Boundary boundary(WireReader in) throws WireException {
    long sequence = in.i64();
    long startTicks = in.i64();
    long second = in.i64();
    int nano = in.i32();
    boolean discontinuity = in.flag();
    long partTicks = in.i64();
    try {
      Instant epoch = Instant.ofEpochSecond(second, nano);
      return new TrackEvent.Boundary(sequence, startTicks, epoch, discontinuity, partTicks);
    } catch (DateTimeException | ArithmeticException | IllegalArgumentException e) {
      throw new WireException("a boundary that is none: " + e.getMessage());
    }
  }

  private static RungPace pace(WireReader in) throws WireException {
    int faster = FormatSyntax.within("presets", in.u8(), 0, RungPace.MOST_FASTER);
    return new RungPace(faster, in.flag());
  }

  private static int lane(WireReader in) throws WireException {
    return FormatSyntax.within("lane", in.u8(), 0, Wire.MAX_LANES - 1);
  }

  private static int track(WireReader in) throws WireException {
    return FormatSyntax.within("track", in.i32(), 0, MAX_TRACK);
  }
}
