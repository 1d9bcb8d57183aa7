package io.millrace.codec.quality;

import io.millrace.codec.EncoderOptions;
import io.millrace.codec.EncoderSettings;
import io.millrace.codec.NativeAccount;
import io.millrace.codec.Picture;
import io.millrace.codec.VideoDecoder;
import io.millrace.codec.ffmpeg.FfmpegVideoDecoder;
import io.millrace.codec.ffmpeg.PictureScaler;
import io.millrace.media.Timescale;
import io.millrace.media.TrackEvent.Sample;
import io.millrace.media.TrackFormat;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a rung near its quality target: from time to time the first pictures of a segment are kept
 * as they go into the encoder, decoded again from what comes out, and compared; by that the rung's
 * quality moves where a later segment begins.
 *
 * <pre>
 *  begin ─ picture × n ─ packet × m ─► (a thread for all rungs) decode, compare ─► crf() moves
 * </pre>
 *
 * Confined to the rung's thread but for the comparison. A sample that cannot be had whole, or for
 * which there is no time, is left out; where comparing fails, the rung goes on as it is, and the
 * log says so.
 */
public final class QualityProbe {
  private static final Logger LOG = LoggerFactory.getLogger(QualityProbe.class);

  /** As much of the rate as this is all that a rung gets. */
  private static final double AT_CAP = 0.9;

  /** What an encoder makes of its first seconds is not what it makes of the rest. */
  private static final long FIRST_AFTER_NS = TimeUnit.SECONDS.toNanos(5);

  private static final int MAX_PACKETS = 512;
  private static final String FOLDER = "millrace-vmaf";
  private static final Duration LEFT_BEHIND = Duration.ofMinutes(10);

  /** One comparison at a time, and few that wait: they are not worth more than the pictures are. */
  private static final ThreadPoolExecutor COMPARING =
      new ThreadPoolExecutor(
          1,
          1,
          5,
          TimeUnit.SECONDS,
          new ArrayBlockingQueue<>(4),
          task -> Thread.ofPlatform().name("vmaf").daemon().unstarted(task));

  static {
    COMPARING.allowCoreThreadTimeOut(true);
    sweep();
  }

  private final String stream;
  private final String rung;
  private final QualitySampling sampling;
  private final NativeAccount account;
  private final EncoderSettings settings;
  private final CrfControl control;
  private @Nullable Taken taken;
  private long nextNs;
  private volatile int crf;
  private volatile double vmaf = EncoderOptions.UNSET;
  private volatile boolean comparing;
  private volatile boolean over;

  /** What processes have left that were killed. */
  private static void sweep() {
    FileTime old = FileTime.from(Instant.now().minus(LEFT_BEHIND));
    try (var folders =
        Files.newDirectoryStream(Path.of(System.getProperty("java.io.tmpdir")), FOLDER + "*")) {
      for (Path folder : folders) {
        if (Files.getLastModifiedTime(folder).compareTo(old) < 0) {
          delete(folder);
        }
      }
    } catch (IOException e) {
      LOG.atDebug().setCause(e).log("samples of others are left");
    }
  }

  private static void delete(Path folder) throws IOException {
    try (var files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(folder);
  }

  /** A sample on its way. */
  private static final class Taken {
    private final Path folder;
    private final PictureFile reference;
    private final TrackFormat.Video format;
    private final int crf;
    private final List<Long> times = new ArrayList<>();
    private final Set<Long> missing = new HashSet<>();
    private final List<Sample> packets = new ArrayList<>();
    private boolean complete;
    private long bytes;

    Taken(TrackFormat.Video format, int crf) throws IOException {
      this.format = format;
      this.crf = crf;
      this.folder = Files.createTempDirectory(FOLDER);
      try {
        this.reference =
            new PictureFile(folder.resolve("reference.y4m"), format.width(), format.height());
      } catch (IOException e) {
        Files.delete(folder);
        throw e;
      }
    }

    /** Closes and deletes all that it has. */
    void close() {
      try {
        reference.close();
        delete(folder);
      } catch (IOException e) {
        LOG.atDebug().setCause(e).log("a sample's files are left");
      }
    }
  }

  /**
   * @param stream for logs
   * @param settings with a target
   */
  public QualityProbe(
      String stream,
      String rung,
      EncoderSettings settings,
      QualitySampling sampling,
      NativeAccount account,
      long nowNs) {
    this.stream = stream;
    this.rung = rung;
    EncoderOptions options = settings.options();
    this.settings = settings;
    this.sampling = sampling;
    this.account = account;
    this.crf = options.crf(settings.codec());
    this.control = new CrfControl(options.vmaf(), crf, settings.engine().maxCrf());
    this.nextNs = nowNs + Math.min(FIRST_AFTER_NS, sampling.every().toNanos());
  }

  /** The quality that is to be in force from the next segment on. */
  public int crf() {
    return crf;
  }

  /** True where {@code crf} is not what it was at the start. */
  public boolean hasMoved(int crf) {
    return crf != control.own();
  }

  /** What the last sample came to; {@link EncoderOptions#UNSET} before there is one. */
  public double vmaf() {
    return vmaf;
  }

  /** The track's format would change with the quality: it stays what it was from the start. */
  public void refuse() {
    over = true;
    crf = control.own();
    LOG.atWarn()
        .addKeyValue("stream", stream)
        .addKeyValue("rung", rung)
        .log("quality target: another quality would need another init segment, it stays");
  }

  /** Where a segment begins, before its first picture: begins a sample if it is time for one. */
  public void begin(TrackFormat.Video format, int crfInForce, long nowNs) {
    Taken before = taken;
    if (before != null && !before.complete) {
      before.complete = true;
      finishIfWhole(before);
    }
    if (over || comparing || taken != null || nowNs - nextNs < 0) {
      return;
    }
    nextNs = nowNs + sampling.every().toNanos();
    try {
      taken = new Taken(format, crfInForce);
    } catch (IOException e) {
      stop(e);
    }
  }

  /**
   * A picture that is encoded.
   *
   * @param picture borrowed
   */
  public void picture(Picture picture, long ptsTicks) {
    Taken sample = taken;
    if (sample == null || sample.complete) {
      return;
    }
    try {
      sample.reference.add(picture);
      sample.times.add(ptsTicks);
      sample.missing.add(ptsTicks);
      sample.complete = sample.times.size() >= sampling.pictures();
    } catch (IOException e) {
      drop();
      stop(e);
    }
  }

  /**
   * What the encoder made of a picture, in decoding order.
   *
   * @param packet borrowed
   */
  public void packet(Sample packet) {
    Taken sample = taken;
    if (sample == null || sample.times.isEmpty()) {
      return;
    }
    if (sample.packets.isEmpty() && packet.ptsTicks() != sample.times.getFirst()) {
      return; // of the segment before
    }
    if (sample.packets.size() == MAX_PACKETS) {
      drop();
      return;
    }
    sample.packets.add(
        new Sample(
            packet.track(),
            packet.dtsTicks(),
            packet.ptsTicks(),
            packet.durationTicks(),
            packet.key(),
            Unpooled.copiedBuffer(packet.payload())));
    if (sample.missing.remove(packet.ptsTicks())) {
      sample.bytes += packet.sizeBytes();
    }
    finishIfWhole(sample);
  }

  /** The encoder is gone with what it had not delivered. */
  public void drop() {
    Taken sample = taken;
    taken = null;
    if (sample != null) {
      sample.close();
    }
  }

  private void finishIfWhole(Taken sample) {
    if (!sample.complete || !sample.missing.isEmpty()) {
      return;
    }
    taken = null;
    if (sample.times.size() < 2) {
      sample.close();
      return;
    }
    comparing = true;
    try {
      COMPARING.execute(() -> compare(sample));
    } catch (RejectedExecutionException e) {
      comparing = false;
      sample.close();
    }
  }

  private void compare(Taken sample) {
    try {
      sample.reference.close();
      Path distorted = sample.folder.resolve("distorted.y4m");
      if (!decode(sample, distorted)) {
        LOG.atDebug()
            .addKeyValue("stream", stream)
            .addKeyValue("rung", rung)
            .log("quality target: a sample is not whole");
        return;
      }
      double score =
          sampling.meter().vmaf(sample.folder.resolve("reference.y4m"), distorted, sample.folder);
      int next = control.next(sample.crf, score, isAtCap(sample));
      LOG.atInfo()
          .addKeyValue("stream", stream)
          .addKeyValue("rung", rung)
          .addKeyValue("vmaf", Math.round(score * 10) / 10.0)
          .addKeyValue("target", control.target())
          .addKeyValue("crf", sample.crf)
          .addKeyValue("next", next)
          .log("quality");
      vmaf = score;
      crf = over ? control.own() : next;
    } catch (IOException | RuntimeException | LinkageError e) {
      stop(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      comparing = false;
      sample.close();
    }
  }

  private boolean isAtCap(Taken sample) {
    int last = sample.times.size() - 1;
    double seconds =
        (sample.times.get(last) - sample.times.getFirst())
            / (double) Timescale.VIDEO.ticksPerSecond()
            * (last + 1)
            / last;
    return sample.bytes * 8 / seconds >= AT_CAP * settings.bitrateBps();
  }

  /** False where a picture is not there. */
  private boolean decode(Taken sample, Path distorted) throws IOException {
    Set<Long> wanted = new HashSet<>(sample.times);
    TrackFormat.Video format = sample.format;
    try (PictureFile file = new PictureFile(distorted, format.width(), format.height());
        FfmpegVideoDecoder decoder = new FfmpegVideoDecoder(format, account);
        PictureScaler scaler = new PictureScaler(format.width(), format.height(), 0, account)) {
      VideoDecoder.Output pictures =
          (frame, ptsTicks, _) -> {
            try {
              if (wanted.remove(ptsTicks)) {
                add(file, scaler.convert(frame, format.colour()));
              }
            } finally {
              frame.release();
            }
          };
      for (Sample packet : sample.packets) {
        decoder.decode(packet, pictures);
      }
      decoder.drain(pictures);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    return wanted.isEmpty();
  }

  private static void add(PictureFile file, Picture picture) {
    try {
      file.add(picture);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      picture.release();
    }
  }

  private void stop(Throwable cause) {
    over = true;
    LOG.atWarn()
        .addKeyValue("stream", stream)
        .addKeyValue("rung", rung)
        .addKeyValue("crf", crf)
        .setCause(cause)
        .log("quality target: pictures cannot be compared, the quality stays");
  }
}
