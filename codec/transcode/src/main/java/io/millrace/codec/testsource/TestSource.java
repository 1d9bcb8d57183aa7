package io.millrace.codec.testsource;

import io.millrace.codec.AudioEncoder;
import io.millrace.codec.EncoderSettings;
import io.millrace.codec.NativeAccount;
import io.millrace.codec.Picture;
import io.millrace.codec.Profile;
import io.millrace.codec.VideoEncoder;
import io.millrace.codec.ffmpeg.FfmpegAudioEncoder;
import io.millrace.codec.ffmpeg.FfmpegEngines;
import io.millrace.codec.ffmpeg.PicturePool;
import io.millrace.media.Rational;
import io.millrace.media.Timescale;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackFormat;
import io.millrace.media.TrackSink;
import io.millrace.media.VideoCodec;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A publisher without a camera: makes pictures and sound, encodes them with x264 and AAC, and gives
 * out what an RTMP publisher sends: formats (whose configurations are the {@code avcC} record and
 * the AudioSpecificConfig), then length-prefixed access units and raw AAC frames, in the order of
 * their decoding times, which start at 0.
 *
 * <p>It has no clock: {@link #advanceTo} makes everything up to a moment, as fast as it can.
 * Confined to one thread.
 */
public final class TestSource implements AutoCloseable {
  private static final Timescale NANOS = new Timescale(1_000_000_000);

  private final TestSourceSettings settings;
  private final TrackSink output;
  private final NativeAccount account = new NativeAccount();
  private final PicturePool pool;
  private final TestPicture picture;
  private final VideoEncoder video;
  private final @Nullable AudioEncoder audio;
  private final Tone tone;
  private final float[][] pcm;
  private final ArrayDeque<TrackEvent.Sample> madeVideo = new ArrayDeque<>();
  private final ArrayDeque<TrackEvent.Sample> madeAudio = new ArrayDeque<>();
  private boolean announced;
  private boolean finished;
  private boolean closed;
  private long pictures;
  private long sampleCount;
  private long videoShiftTicks = -1;

  /**
   * @param output takes Format and Sample events of both tracks, on the calling thread
   */
  public TestSource(TestSourceSettings settings, TrackSink output) {
    this.settings = settings;
    this.output = output;
    this.pool = new PicturePool(settings.width(), settings.height(), account);
    this.picture = new TestPicture(settings.width(), settings.height(), pool);
    this.video =
        FfmpegEngines.openH264(
            new EncoderSettings(
                VideoCodec.H264,
                settings.maxBFrames() == 0 ? Profile.FAST : Profile.QUALITY,
                settings.width(),
                settings.height(),
                settings.frameRate(),
                settings.videoBitrateBps(),
                "veryfast",
                settings.gopFrames(),
                TestPicture.COLOUR),
            settings.maxBFrames(),
            account);
    this.audio =
        settings.channels() == 0
            ? null
            : FfmpegAudioEncoder.aac(
                settings.sampleRate(), settings.channels(), settings.audioBitrateBps(), account);
    this.tone = new Tone(settings.sampleRate(), settings.start());
    int frameSamples = audio == null ? 0 : audio.format().samplesPerFrame();
    this.pcm = new float[settings.channels()][frameSamples];
    // The encoder's first frame is priming, a frame before the first sample: sound starts one
    // later.
    this.sampleCount = frameSamples;
  }

  public TrackFormat.Video videoFormat() {
    return video.format();
  }

  /** Null without audio. */
  public TrackFormat.@Nullable Audio audioFormat() {
    return audio == null ? null : audio.format();
  }

  /** When the next picture is due, in nanoseconds since the start: for whoever keeps the pace. */
  public long nextPictureNs() {
    return Timescale.VIDEO.rescale(pictureTicks(pictures), NANOS);
  }

  /** Makes everything that is due before {@code elapsedNs} nanoseconds after the start. */
  public void advanceTo(long elapsedNs) {
    if (finished) {
      throw new IllegalStateException("finished");
    }
    announce();
    while (true) {
      long pictureNs = nextPictureNs();
      long audioNs = audio == null ? Long.MAX_VALUE : audioNs();
      if (Math.min(pictureNs, audioNs) >= elapsedNs) {
        return;
      }
      if (pictureNs <= audioNs) {
        makePicture();
      } else {
        makeSound(audio);
      }
      sendInOrder(false);
    }
  }

  private long audioNs() {
    return new Timescale(settings.sampleRate()).rescale(sampleCount, NANOS);
  }

  private void announce() {
    if (!announced) {
      announced = true;
      output.accept(new TrackEvent.Format(TrackEvent.VIDEO_TRACK, video.format()));
      if (audio != null) {
        output.accept(new TrackEvent.Format(TrackEvent.AUDIO_TRACK, audio.format()));
      }
    }
  }

  /** Picture {@code index} on the grid, or among those that are left when the rate varies. */
  private long gridIndex(long index) {
    return settings.variableRate() ? index / 4 * 5 + index % 4 : index;
  }

  private long pictureTicks(long index) {
    return Timescale.scale(
        gridIndex(index),
        (long) Timescale.VIDEO.ticksPerSecond() * settings.frameRate().denominator(),
        settings.frameRate().numerator());
  }

  private void makePicture() {
    long index = pictures++;
    long ticks = pictureTicks(index);
    Picture drawn =
        picture.draw(
            settings.start().plusNanos(Timescale.VIDEO.rescale(ticks, NANOS)), gridIndex(index));
    try {
      video.encode(drawn, ticks, index % settings.gopFrames() == 0, this::keepVideo);
    } finally {
      drawn.release();
    }
  }

  private void keepVideo(ByteBuf payload, long ptsTicks, long dtsTicks, boolean key) {
    if (videoShiftTicks < 0) {
      videoShiftTicks = -dtsTicks;
    }
    Rational rate = settings.frameRate();
    long frameTicks =
        Timescale.VIDEO.ticksPerSecond() * (long) rate.denominator() / rate.numerator();
    madeVideo.add(
        new TrackEvent.Sample(
            TrackEvent.VIDEO_TRACK,
            dtsTicks + videoShiftTicks,
            ptsTicks + videoShiftTicks,
            frameTicks,
            key,
            payload));
  }

  private void makeSound(@Nullable AudioEncoder encoder) {
    if (encoder != null) {
      tone.fill(pcm[0], sampleCount);
      for (int i = 1; i < pcm.length; i++) {
        System.arraycopy(pcm[0], 0, pcm[i], 0, pcm[0].length);
      }
      encoder.encode(pcm, sampleCount, this::keepAudio);
      sampleCount += pcm[0].length;
    }
  }

  private void keepAudio(ByteBuf payload, long ptsTicks) {
    madeAudio.add(
        new TrackEvent.Sample(
            TrackEvent.AUDIO_TRACK, ptsTicks, ptsTicks, pcm[0].length, true, payload));
  }

  /**
   * Sends what is ready by decoding time. Video is shifted so that it starts at 0 with a decoding
   * time, and audio with it; the shift is known with the first access unit.
   */
  private void sendInOrder(boolean all) {
    while (!madeVideo.isEmpty() || !madeAudio.isEmpty()) {
      boolean bothKnown = !madeVideo.isEmpty() && (!madeAudio.isEmpty() || audio == null);
      if (!bothKnown && !all) {
        return;
      }
      if (madeAudio.isEmpty() || (!madeVideo.isEmpty() && videoFirst())) {
        output.accept(madeVideo.removeFirst());
      } else {
        output.accept(shifted(madeAudio.removeFirst()));
      }
    }
  }

  private boolean videoFirst() {
    Timescale rate = new Timescale(settings.sampleRate());
    long audioTicks =
        rate.rescale(madeAudio.getFirst().dtsTicks(), Timescale.VIDEO)
            + Math.max(0, videoShiftTicks);
    return madeVideo.getFirst().dtsTicks() <= audioTicks;
  }

  private TrackEvent.Sample shifted(TrackEvent.Sample sample) {
    long shift =
        Timescale.VIDEO.rescale(Math.max(0, videoShiftTicks), new Timescale(settings.sampleRate()));
    return new TrackEvent.Sample(
        sample.track(),
        sample.dtsTicks() + shift,
        sample.ptsTicks() + shift,
        sample.durationTicks(),
        sample.key(),
        sample.payload());
  }

  /** Sends what the encoders still hold. Nothing can be made afterwards. */
  public void finish() {
    if (!finished) {
      announce();
      finished = true;
      video.drain(this::keepVideo);
      if (audio != null) {
        audio.drain(this::keepAudio);
      }
      sendInOrder(true);
    }
  }

  /** As {@link #advanceTo} and {@link #finish}, for a whole clip. */
  public void play(long duration, TimeUnit unit) {
    advanceTo(unit.toNanos(duration));
    finish();
  }

  /** Frees everything; idempotent. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      finished = true;
      madeVideo.forEach(TrackEvent::release);
      madeAudio.forEach(TrackEvent::release);
      video.close();
      if (audio != null) {
        audio.close();
      }
      picture.close();
      pool.close();
    }
  }
}
