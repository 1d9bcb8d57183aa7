package io.millrace.server.budget;

import io.millrace.codec.ladder.LadderPlan;
import io.millrace.codec.ladder.RungPace;
import io.millrace.codec.ladder.TranscoderStats;
import io.millrace.codec.ladder.WorkerStats;
import io.millrace.media.StreamKey;
import io.millrace.server.live.ActiveStream;
import io.millrace.server.live.Shedding;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A stream as its encoders' budget sees it. Any thread. */
interface EncodedStream {
  StreamKey key();

  Instant since();

  /** False while its publisher is away. */
  boolean isLive();

  /** Null where nothing is transcoded. */
  @Nullable TranscoderStats stats();

  /** CPU time of the processes that encode it and nothing else; below 0 where there are none. */
  long workerCpuNs();

  /** Null before the source is known. */
  @Nullable LadderPlan plan();

  Shedding shedding();

  /** Whether a rung is encoded only while somebody watches it. */
  boolean isForViewers(String rung);

  /** Gives a rung up, or takes it back. */
  void shed(String rung, boolean given);

  void pace(String rung, RungPace pace);

  /** A live one. */
  static EncodedStream of(ActiveStream stream) {
    return new EncodedStream() {
      @Override
      public StreamKey key() {
        return stream.key();
      }

      @Override
      public Instant since() {
        return stream.since();
      }

      @Override
      public boolean isLive() {
        return stream.state() == ActiveStream.State.LIVE;
      }

      @Override
      public @Nullable TranscoderStats stats() {
        return stream.outputs().transcoderStats();
      }

      @Override
      public long workerCpuNs() {
        WorkerStats worker = stream.outputs().worker();
        return worker == null ? -1 : worker.cpuNs();
      }

      @Override
      public @Nullable LadderPlan plan() {
        return stream.outputs().plan();
      }

      @Override
      public Shedding shedding() {
        return stream.outputs().shedding();
      }

      @Override
      public boolean isForViewers(String rung) {
        return stream.outputs().isForViewers(rung);
      }

      @Override
      public void shed(String rung, boolean given) {
        stream.outputs().shed(rung, given);
      }

      @Override
      public void pace(String rung, RungPace pace) {
        stream.outputs().pace(rung, pace);
      }
    };
  }
}
