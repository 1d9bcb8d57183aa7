package io.millrace.loadtest.bench.jmh;

import io.millrace.media.TrackEvent;
import io.millrace.transport.rtmp.wire.ChunkLimits;
import io.millrace.transport.rtmp.wire.ChunkReader;
import io.millrace.transport.rtmp.wire.ChunkWriter;
import io.millrace.transport.rtmp.wire.MessageType;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * RTMP chunks to messages: the bytes of a whole publishing session after its handshake, in reads of
 * 32 KiB as they come off a socket. One operation is the whole session; messages are released at
 * once.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(2)
public class RtmpChunkReading {
  private static final int READ_BYTES = 32 << 10;
  private static final int HANDSHAKE_BYTES = 1 + 1536 + 1536;
  private static final int CONTROL_CHUNK_STREAM = 2;
  private static final int MEDIA_CHUNK_STREAM = 6;
  private static final int REPETITIONS = 2;

  /** 128 is RTMP's default, 4096 what OBS sends, 60000 what ffmpeg sends. */
  @Param({"128", "4096", "60000"})
  public int chunkBytes;

  /** A recorded client's bytes, handshake included; empty: 4 s of 720p at 2.5 Mbit/s. */
  @Param("")
  public String recording = "";

  private ByteBuf session = Unpooled.EMPTY_BUFFER;
  private long messages;

  /** Makes or reads the session. */
  @Setup
  public void prepare() throws IOException {
    if (recording.isEmpty()) {
      session = synthesised(chunkBytes);
    } else {
      session = Unpooled.directBuffer().writeBytes(Files.readAllBytes(Path.of(recording)));
      session.skipBytes(HANDSHAKE_BYTES);
    }
  }

  /** Reads the session once. */
  @Benchmark
  public long read(Bytes counter) {
    ChunkReader reader =
        new ChunkReader(
            PooledByteBufAllocator.DEFAULT,
            new ChunkLimits(ChunkLimits.MAX_MESSAGE_BYTES, 32 << 20));
    int end = session.writerIndex();
    for (int at = session.readerIndex(); at < end; at += READ_BYTES) {
      ByteBuf read = session.slice(at, Math.min(READ_BYTES, end - at));
      while (reader.readMessage(read, this::take)) {}
    }
    reader.release();
    counter.megabytes += session.readableBytes() / 1e6;
    return messages;
  }

  private void take(int type, int messageStreamId, long timestampMs, ByteBuf body) {
    messages++;
    body.release();
  }

  private static ByteBuf synthesised(int chunkBytes) {
    TestMedia media = new TestMedia();
    ByteBuf out = Unpooled.directBuffer();
    ChunkWriter writer = new ChunkWriter(PooledByteBufAllocator.DEFAULT);
    ByteBuf size = Unpooled.buffer(4).writeInt(chunkBytes);
    writer.write(
        CONTROL_CHUNK_STREAM, MessageType.SET_CHUNK_SIZE, 0, 0, size, part -> append(part, out));
    writer.chunkBytes(chunkBytes);
    for (int repetition = 0; repetition < REPETITIONS; repetition++) {
      long startMs = repetition * TestMedia.DURATION.toMillis();
      for (TrackEvent.Sample sample : media.inOrder()) {
        boolean video = sample.track() == TrackEvent.VIDEO_TRACK;
        writer.write(
            MEDIA_CHUNK_STREAM,
            video ? MessageType.VIDEO : MessageType.AUDIO,
            1,
            startMs + media.decodingMs(sample),
            sample.payload().retainedDuplicate(),
            part -> append(part, out));
      }
    }
    return out;
  }

  private static void append(ByteBuf part, ByteBuf out) {
    out.writeBytes(part);
    part.release();
  }
}
