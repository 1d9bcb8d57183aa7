package io.millrace.natives.svtav1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millrace.natives.ProcessEnvironment;
import io.millrace.natives.svtav1.SvtAv1Encoder.Received;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Runs against the system's library (Debian: {@code apt install libsvtav1enc1}). */
class SvtAv1EncoderTest {
  private static final int WIDTH = 128;
  private static final int HEIGHT = 96;

  private SvtAv1Library library;

  @BeforeEach
  void openSystemLibrary() {
    ProcessEnvironment.setIfAbsent("SVT_LOG", "0");
    Optional<SvtAv1Library> found =
        Stream.of(
                "libSvtAv1Enc.so.4", "libSvtAv1Enc.so.3", "libSvtAv1Enc.so.2", "libSvtAv1Enc.so.1")
            .map(SvtAv1Library::probe)
            .flatMap(Optional::stream)
            .findFirst();
    if ("true".equals(System.getenv("CI"))) {
      assertThat(found).as("libSvtAv1Enc must be installed in CI").isPresent();
    }
    assumeTrue(found.isPresent(), "no system libSvtAv1Enc (Debian: apt install libsvtav1enc1)");
    library = found.get();
  }

  @AfterEach
  void closeLibrary() {
    if (library != null) {
      library.close();
    }
  }

  @Test
  void encodesWithKeyFramesWhereAsked() {
    try (SvtAv1Encoder encoder = start();
        Arena arena = Arena.ofConfined()) {
      assertThat(encoder.sequenceHeader()).startsWith(0x0A);
      List<Long> pts = new ArrayList<>();
      List<Long> keys = new ArrayList<>();
      MemorySegment picture = arena.allocate(WIDTH * HEIGHT * 3 / 2, 64);
      for (int i = 0; i < 40; i++) {
        paint(picture, i);
        send(encoder, picture, i * 12_000L, i == 0 || i == 17);
        while (i > 20 && receive(encoder, false, pts, keys) == Received.PACKET) {
          assertThat(pts).hasSizeLessThan(41);
        }
      }
      encoder.sendEnd();
      while (receive(encoder, true, pts, keys) == Received.PACKET && !encoder.endOfStream()) {
        assertThat(pts).hasSizeLessThan(41);
      }
      assertThat(pts).hasSize(40).isSorted();
      assertThat(keys).containsExactly(0L, 17 * 12_000L);
    }
  }

  @Test
  void anEncoderKeepsItsLibraryOpen() {
    SvtAv1Encoder encoder = library.createEncoder(WIDTH, HEIGHT);
    assertThatThrownBy(library::close).isInstanceOf(IllegalStateException.class);
    encoder.close();
    encoder.close();
  }

  @Test
  void closesInTheMiddleOfAnEncode() {
    try (SvtAv1Encoder encoder = start();
        Arena arena = Arena.ofConfined()) {
      MemorySegment picture = arena.allocate(WIDTH * HEIGHT * 3 / 2, 64);
      for (int i = 0; i < 5; i++) {
        send(encoder, picture, i, i == 0);
      }
    }
  }

  @Test
  void refusesWhatItCannotUse() {
    assertThatThrownBy(() -> library.createEncoder(63, 64))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> library.createEncoder(128, 97))
        .isInstanceOf(IllegalArgumentException.class);
    try (SvtAv1Encoder encoder = library.createEncoder(WIDTH, HEIGHT)) {
      assertThat(encoder.set("no-such-parameter", "1")).isFalse();
      assertThatThrownBy(encoder::sequenceHeader).isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(encoder::sendEnd).isInstanceOf(IllegalStateException.class);
    }
    try (SvtAv1Encoder encoder = start();
        Arena arena = Arena.ofConfined()) {
      long address = arena.allocate(WIDTH * HEIGHT * 3 / 2).address();
      assertThatThrownBy(
              () -> encoder.send(address, address, address, WIDTH - 1, 64, 64, 0, true, 0))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> encoder.send(0, address, address, WIDTH, 64, 64, 0, true, 0))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> encoder.take(ByteBuffer.allocateDirect(1), 0))
          .isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(() -> encoder.set("crf", "30"))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void aPacketNeedsRoomInADirectBuffer() {
    try (SvtAv1Encoder encoder = start();
        Arena arena = Arena.ofConfined()) {
      MemorySegment picture = arena.allocate(WIDTH * HEIGHT * 3 / 2, 64);
      send(encoder, picture, 7, true);
      encoder.sendEnd();
      assertThat(encoder.receive(true)).isEqualTo(Received.PACKET);
      assertThat(encoder.pts()).isEqualTo(7);
      assertThatThrownBy(() -> encoder.take(ByteBuffer.allocate(1 << 20), 0))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> encoder.take(ByteBuffer.allocateDirect(1 << 20), 1 << 20))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> encoder.receive(true)).isInstanceOf(IllegalStateException.class);
      encoder.take(ByteBuffer.allocateDirect(1 << 20), 0);
    }
  }

  /** Capped CRF with random access: the mode in which every version takes forced key frames. */
  private SvtAv1Encoder start() {
    SvtAv1Encoder encoder = library.createEncoder(WIDTH, HEIGHT);
    for (String parameter :
        List.of(
            "fps-num=30",
            "fps-denom=1",
            "preset=12",
            "lp=1",
            "rc=0",
            "crf=40",
            "pred-struct=2",
            "hierarchical-levels=3",
            "keyint=100000",
            "scd=0",
            "enable-force-key-frames=1")) {
      String[] pair = parameter.split("=", 2);
      assertThat(encoder.set(pair[0], pair[1])).as(parameter).isTrue();
    }
    encoder.start();
    return encoder;
  }

  private static Received receive(
      SvtAv1Encoder encoder, boolean allSent, List<Long> pts, List<Long> keys) {
    Received received = encoder.receive(allSent);
    if (received == Received.PACKET) {
      pts.add(encoder.pts());
      if (encoder.key()) {
        keys.add(encoder.pts());
      }
      ByteBuffer target = ByteBuffer.allocateDirect(encoder.sizeBytes());
      encoder.take(target, 0);
      assertThat(target.get(0)).as("temporal delimiter OBU").isEqualTo((byte) 0x12);
    }
    return received;
  }

  private static void send(SvtAv1Encoder encoder, MemorySegment picture, long pts, boolean key) {
    long y = picture.address();
    long cb = y + WIDTH * HEIGHT;
    long cr = cb + WIDTH * HEIGHT / 4;
    encoder.send(y, cb, cr, WIDTH, WIDTH / 2, WIDTH / 2, pts, key, 0);
  }

  private static void paint(MemorySegment picture, int frame) {
    for (int i = 0; i < WIDTH * HEIGHT; i++) {
      picture.set(ValueLayout.JAVA_BYTE, i, (byte) (i % WIDTH + 3 * frame + i / WIDTH));
    }
  }
}
