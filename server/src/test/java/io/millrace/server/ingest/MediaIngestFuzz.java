package io.millrace.server.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.media.Fixtures;
import io.millrace.media.HostileInput;
import io.millrace.transport.rtmp.amf.Amf0Reader;
import io.millrace.transport.rtmp.amf.AmfException;
import io.millrace.transport.rtmp.amf.AmfLimits;
import io.millrace.transport.rtmp.amf.AmfValue;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Fuzz target: the audio, video and data messages of a publisher to track events. Input is a file
 * of FLV tags without its header, whose lengths are cut to what is there. What comes out keeps the
 * {@link EventLaws}, is no more than what went in, can be sent {@link Onward}, and is released.
 */
public final class MediaIngestFuzz {
  private static final int TAG_HEADER_BYTES = 11;
  private static final int FILE_HEADER_BYTES = 13;
  private static final int PREVIOUS_SIZE_BYTES = 4;
  private static final int AUDIO = 8;
  private static final int SCRIPT = 18;

  private MediaIngestFuzz() {}

  public static void fuzzerTestOneInput(byte[] data) {
    UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false, true);
    try (Onward onward = new Onward()) {
      EventLaws laws = new EventLaws(onward);
      MediaIngest ingest = new MediaIngest(0, laws);
      HostileInput.offer(data, bytes -> feed(bytes, ingest, allocator));
      assertThat(laws.payloadBytes()).isLessThanOrEqualTo(2L * data.length);
    }
    assertThat(allocator.metric().usedHeapMemory()).as("heap left").isZero();
  }

  private static void feed(byte[] data, MediaIngest ingest, UnpooledByteBufAllocator allocator) {
    for (int at = 0; at + TAG_HEADER_BYTES < data.length; ) {
      int type = data[at] & 0x1F;
      int lengthBytes =
          (data[at + 1] & 0xFF) << 16 | (data[at + 2] & 0xFF) << 8 | data[at + 3] & 0xFF;
      long timestampMs =
          (data[at + 7] & 0xFFL) << 24
              | (data[at + 4] & 0xFF) << 16
              | (data[at + 5] & 0xFF) << 8
              | data[at + 6] & 0xFF;
      at += TAG_HEADER_BYTES;
      int bytes = Math.min(lengthBytes, data.length - at);
      if (bytes > 0) {
        ByteBuf body = allocator.heapBuffer(bytes, bytes).writeBytes(data, at, bytes);
        try {
          message(type, timestampMs, body, ingest);
        } finally {
          body.release();
        }
      }
      at += bytes + PREVIOUS_SIZE_BYTES;
    }
  }

  private static void message(int type, long timestampMs, ByteBuf body, MediaIngest ingest) {
    switch (type) {
      case AUDIO -> ingest.audio(timestampMs, body);
      case SCRIPT -> {
        try {
          List<AmfValue> values = Amf0Reader.readAll(body, AmfLimits.DEFAULT);
          if (values.size() > 1 && values.get(1).plain() instanceof Map<?, ?> said) {
            ingest.metadata(copy(said));
          }
        } catch (AmfException _) {
          // the session's affair
        }
      }
      default -> ingest.video(timestampMs, body);
    }
    assertThat(body.refCnt()).isOne();
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> copy(Map<?, ?> said) {
    return (Map<String, Object>) said;
  }

  public static List<byte[]> seeds() {
    List<byte[]> seeds = new ArrayList<>();
    for (String name :
        List.of("bframes", "multitrack", "hevc_hdr10_aac", "hevc_opus", "av1_aac", "vp9_mp3")) {
      byte[] file = Fixtures.bytes("/flv/" + name + ".flv");
      seeds.add(shortened(Arrays.copyOfRange(file, FILE_HEADER_BYTES, file.length)));
    }
    return seeds;
  }

  /** The first tags, with as much of each as its headers take. */
  private static byte[] shortened(byte[] tags) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int count = 0;
    for (int at = 0; at + TAG_HEADER_BYTES < tags.length && count < 12; count++) {
      int bytes = (tags[at + 1] & 0xFF) << 16 | (tags[at + 2] & 0xFF) << 8 | tags[at + 3] & 0xFF;
      int end = at + TAG_HEADER_BYTES + bytes + PREVIOUS_SIZE_BYTES;
      if (bytes <= 700) {
        out.write(tags, at, Math.min(end, tags.length) - at);
      }
      at = end;
    }
    return out.toByteArray();
  }
}
