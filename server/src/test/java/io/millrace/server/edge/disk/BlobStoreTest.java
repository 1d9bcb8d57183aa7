package io.millrace.server.edge.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BlobStoreTest {
  private static final long MAX_BYTES = 16 << 20;
  private static final long NOW_MS = 1_000;
  private static final long LATER_MS = 2_000;

  @TempDir Path folder;

  private BlobStore store;

  private void start(int maxBlobs) throws IOException {
    stop();
    store = BlobStore.open(folder.resolve("blobs"), MAX_BYTES, maxBlobs);
    while (store.readNext()) {
      assertThat(store.blobs()).isLessThanOrEqualTo(maxBlobs);
    }
  }

  private void start() throws IOException {
    start(10_000);
  }

  @AfterEach
  void stop() throws IOException {
    if (store != null) {
      store.close();
      store = null;
    }
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] content(int seed, int bytes) {
    byte[] content = new byte[bytes];
    new Random(seed).nextBytes(content);
    return content;
  }

  private boolean put(int number, int bytes) throws IOException {
    byte[] all = content(number, bytes);
    int cut = bytes / 3;
    List<byte[]> body = List.of(Arrays.copyOf(all, cut), Arrays.copyOfRange(all, cut, all.length));
    return store.put(utf8("blob " + number), utf8("notes " + number), 500, LATER_MS, body);
  }

  private byte[] read(int number) throws IOException {
    BlobStore.Blob blob = store.find(utf8("blob " + number), NOW_MS);
    if (blob == null) {
      return null;
    }
    assertThat(new String(blob.notes(), StandardCharsets.UTF_8)).isEqualTo("notes " + number);
    assertThat(blob.bornMs()).isEqualTo(500);
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] next = blob.next(3); next != null; next = blob.next(3)) {
      all.write(next);
    }
    assertThat(all.size()).isEqualTo((int) blob.sizeBytes());
    return all.toByteArray();
  }

  private Path lastFile() throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("blobs"))) {
      return files.filter(f -> f.toString().endsWith(".blobs")).sorted().reduce((_, b) -> b).get();
    }
  }

  private long onDisk() throws IOException {
    long bytes = 0;
    try (Stream<Path> files = Files.list(folder.resolve("blobs"))) {
      for (Path file : files.toList()) {
        bytes += Files.size(file);
      }
    }
    return bytes;
  }

  @Test
  void blobsOfAnySizeOutliveARestart() throws Exception {
    start();
    int[] sizes = {0, 1, 65_535, 65_536, 65_537, 300_000, 900_000};
    for (int size : sizes) {
      assertThat(put(size, size)).isTrue();
    }
    assertThat(put(7, (1 << 20) + 1)).as("more than a file has room for").isFalse();
    for (int round = 0; round < 2; round++) {
      for (int size : sizes) {
        assertThat(Arrays.equals(read(size), content(size, size))).isTrue();
      }
      assertThat(store.blobs()).isEqualTo(sizes.length);
      assertThat(store.sizeBytes()).isEqualTo(onDisk());
      start();
    }
    assertThat(read(12345)).isNull();
    assertThat(store.find(utf8("blob 1"), LATER_MS)).as("out of its time").isNull();
    assertThat(Files.getPosixFilePermissions(folder.resolve("blobs"))).hasSize(3);
  }

  @Test
  void theOldestMakeRoomAndTheBoundHolds() throws Exception {
    start();
    for (int i = 0; i < 1_000; i++) {
      assertThat(put(i, 100_000)).isTrue();
      assertThat(onDisk()).isLessThanOrEqualTo(MAX_BYTES);
    }
    assertThat(Arrays.equals(read(999), content(999, 100_000))).isTrue();
    assertThat(read(0)).isNull();
    assertThat(store.evicted()).isEqualTo(1_000 - store.blobs());
    assertThat(store.blobs()).isBetween(130, 165);
    int oldest = 1_000 - store.blobs();
    assertThat(read(oldest)).isNotNull();
    assertThat(store.isSafe(utf8("blob " + oldest))).as("the next to go").isFalse();
    assertThat(store.isSafe(utf8("blob 999"))).isTrue();
  }

  @Test
  void theIndexHasABoundToo() throws Exception {
    start(100);
    for (int i = 0; i < 500; i++) {
      assertThat(put(i, 20_000)).isTrue();
      assertThat(store.blobs()).isLessThanOrEqualTo(100);
    }
    assertThat(read(499)).isNotNull();
    start(40);
    assertThat(store.blobs()).isEqualTo(40);
    assertThat(put(500, 20_000)).isTrue();
    assertThat(store.blobs()).isLessThanOrEqualTo(40);
  }

  @Test
  void theNewestOfANameCounts() throws Exception {
    start();
    assertThat(put(1, 1_000)).isTrue();
    assertThat(
            store.put(utf8("blob 1"), utf8("notes 1"), 500, LATER_MS, List.of(content(77, 2_000))))
        .isTrue();
    start();
    assertThat(Arrays.equals(read(1), content(77, 2_000))).isTrue();
  }

  @Test
  void whatWasWrittenInPartIsNotThere() throws Exception {
    start();
    assertThat(put(1, 50_000)).isTrue();
    assertThat(put(2, 50_000)).isTrue();
    stop();
    Path file = lastFile();
    byte[] whole = Files.readAllBytes(file);
    int second = whole.length / 2;
    for (int cut : new int[] {1, 20, 40, 50, 200, 25_000, second - 1}) {
      Files.write(file, Arrays.copyOf(whole, second + cut));
      start();
      assertThat(Arrays.equals(read(1), content(1, 50_000))).as("cut at %d", cut).isTrue();
      assertThat(read(2)).as("cut at %d", cut).isNull();
      stop();
    }
  }

  @Test
  void whatIsNotAsItWasWrittenIsFoundOutAndForgotten() throws Exception {
    start();
    assertThat(put(1, 150_000)).isTrue();
    stop();
    Path file = lastFile();
    byte[] whole = Files.readAllBytes(file);
    Random random = new Random(5);
    for (int i = 0; i < 60; i++) {
      byte[] damaged = whole.clone();
      damaged[i < 20 ? random.nextInt(80) : random.nextInt(whole.length)] ^= (byte) (1 << i % 8);
      Files.write(file, damaged);
      start();
      byte[] got;
      try {
        got = read(1);
      } catch (IOException e) {
        assertThat(e).hasMessageContaining("not what was written");
        assertThat(store.has(utf8("blob 1"))).isFalse();
        got = null;
      }
      assertThat(got).isNull();
      stop();
    }
  }

  @Test
  void lengthsOfALiarTakeNoMemory() throws Exception {
    start();
    assertThat(put(1, 100)).isTrue();
    stop();
    try (RandomAccessFile file = new RandomAccessFile(lastFile().toFile(), "rw")) {
      for (int field = 24; field <= 32; field += 4) {
        file.seek(field);
        file.writeInt(Integer.MAX_VALUE);
        start();
        assertThat(store.blobs()).isZero();
        stop();
      }
    }
  }

  @Test
  void aFullDiskIsAnErrorAndLeavesTheRestAsItWas() throws Exception {
    AtomicBoolean full = new AtomicBoolean();
    store =
        BlobStore.open(
            folder.resolve("blobs"),
            MAX_BYTES,
            100,
            file ->
                full.get()
                    ? FileChannel.open(Path.of("/dev/full"), StandardOpenOption.WRITE)
                    : FileChannel.open(
                        file,
                        StandardOpenOption.CREATE_NEW,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE));
    assertThat(put(1, 900_000)).isTrue();
    full.set(true);
    assertThatThrownBy(() -> put(2, 900_000)).isInstanceOf(IOException.class);
    assertThat(read(1)).isNotNull();
    assertThat(read(2)).isNull();
    full.set(false);
    assertThat(put(3, 900_000)).isTrue();
    assertThat(read(3)).isNotNull();
    assertThat(store.sizeBytes()).isEqualTo(onDisk());
  }

  @Test
  void aFolderIsOneServersAlone() throws Exception {
    start();
    assertThatThrownBy(() -> BlobStore.open(folder.resolve("blobs"), MAX_BYTES, 10))
        .hasMessageContaining("used by another server");
    stop();
    start();
  }
}
