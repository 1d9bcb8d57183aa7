package io.millrace.codec.ladder;

import io.millrace.codec.AudioDecoder;
import io.millrace.codec.AudioEncoder;
import io.millrace.codec.NativeAccount;
import io.millrace.codec.ffmpeg.FfmpegAudioDecoder;
import io.millrace.codec.ffmpeg.FfmpegAudioEncoder;
import io.millrace.codec.loudness.LoudnessNormalizer;
import io.millrace.media.AudioCodec;
import io.millrace.media.Timescale;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackFormat;
import io.millrace.media.TrackSink;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decodes one audio track and encodes it again, at another loudness where that is asked for, with
 * the boundaries in their places. Confined to the audio thread.
 */
final class AudioReencoder {
  private static final Set<Integer> AAC_RATES =
      Set.of(96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000);
  private static final int OTHER_RATE = 48_000;
  private static final int MAX_PENDING = 16;

  private final TrackSink sink;
  private final NativeAccount account;
  private final ArrayDeque<TrackEvent.Boundary> boundaries = new ArrayDeque<>();
  private AudioRung rung;
  private TrackFormat.@Nullable Audio source;
  private TrackFormat.@Nullable Audio sent;
  private @Nullable Codecs codecs;
  private long lastPtsTicks = Long.MIN_VALUE;
  private long startTicks = Long.MIN_VALUE;
  private volatile long in;
  private volatile long out;
  private volatile long damaged;
  private volatile long bytes;

  /** What is open between a format and the end. */
  private record Codecs(
      AudioDecoder decoder,
      AudioEncoder encoder,
      PcmAssembler assembler,
      @Nullable LoudnessNormalizer normalizer) {
    void close() {
      decoder.close();
      encoder.close();
    }
  }

  AudioReencoder(AudioRung rung, TrackSink sink, NativeAccount account) {
    this.rung = rung;
    this.sink = sink;
    this.account = account;
  }

  /** Encodes what follows as {@code other}; before a boundary. */
  void change(AudioRung other) {
    if (!other.equals(rung)) {
      finish();
      rung = other;
    }
  }

  /** Takes {@code event}. */
  void accept(TrackEvent event) {
    switch (event) {
      case TrackEvent.Format(int track, TrackFormat.Audio format) -> {
        if (!format.equals(source)) {
          finish();
          source = format;
        }
      }
      case TrackEvent.Format video -> video.release();
      case TrackEvent.Sample sample -> {
        try {
          decode(sample);
        } finally {
          sample.release();
        }
      }
      case TrackEvent.Boundary boundary -> {
        boundaries.add(boundary);
        if (boundaries.size() > MAX_PENDING) {
          sink.accept(boundaries.removeFirst());
        }
      }
      case TrackEvent.Discontinuity discontinuity -> {
        finish();
        lastPtsTicks = Long.MIN_VALUE;
        sink.accept(discontinuity);
      }
      case TrackEvent.End end -> {
        finish();
        sink.accept(end);
      }
      case TrackEvent.Cue cue -> cue.release();
    }
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
  private void decode(TrackEvent.Sample sample) {
    TrackFormat.Audio from = source;
    if (from == null) {
      return;
    }
    in++;
    Codecs open = codecs == null ? open(from) : codecs;
    TrackFormat.Audio to = open.encoder.format();
    boolean fine =
        open.decoder.decode(
            sample,
            (pcm, count, ptsTicks) -> {
              long ticks = from.timescale().rescale(ptsTicks, to.timescale());
              if (startTicks == Long.MIN_VALUE) {
                startTicks = ticks;
              }
              open.assembler.add(pcm, count, ticks, this::encode);
            });
    if (!fine) {
      damaged++;
    }
  }

  private Codecs open(TrackFormat.Audio from) {
    int channels = Math.min(2, from.channels());
    AudioEncoder encoder = encoder(from.sampleRate(), channels);
    int rate = encoder.format().sampleRate();
    try {
      AudioDecoder decoder = new FfmpegAudioDecoder(from, rate, channels, account);
      PcmAssembler assembler = new PcmAssembler(rate, channels, encoder.format().samplesPerFrame());
      Double loudness = rung.loudnessLufs();
      LoudnessNormalizer normalizer =
          loudness == null ? null : new LoudnessNormalizer(rate, channels, loudness);
      codecs = new Codecs(decoder, encoder, assembler, normalizer);
    } catch (RuntimeException e) {
      encoder.close();
      throw e;
    }
    startTicks = Long.MIN_VALUE;
    if (!encoder.format().equals(sent)) {
      sent = encoder.format();
      sink.accept(new TrackEvent.Format(TrackEvent.AUDIO_TRACK, encoder.format()));
    }
    return codecs;
  }

  private AudioEncoder encoder(int sourceRate, int channels) {
    if (rung.codec() == AudioCodec.OPUS) {
      return FfmpegAudioEncoder.opus(channels, rung.bitrateBps(), account);
    }
    int rate = AAC_RATES.contains(sourceRate) ? sourceRate : OTHER_RATE;
    return FfmpegAudioEncoder.aac(rate, channels, rung.bitrateBps(), account);
  }

  private void encode(float[][] frame, long ptsTicks) {
    Codecs open = codecs;
    if (open == null) {
      return;
    }
    long shownTicks = ptsTicks;
    if (open.normalizer != null) {
      open.normalizer.process(frame, frame[0].length);
      shownTicks -= open.normalizer.delaySamples();
    }
    open.encoder.encode(frame, shownTicks, this::deliver);
  }

  /** The encoder's first frame lies before the first sample: priming, which nobody needs. */
  @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
  private void deliver(ByteBuf payload, long ptsTicks) {
    TrackFormat.Audio format = sent;
    if (format == null || ptsTicks < startTicks || ptsTicks <= lastPtsTicks) {
      payload.release();
      return;
    }
    lastPtsTicks = ptsTicks;
    sendBoundaries(format.timescale().rescale(ptsTicks, Timescale.VIDEO));
    out++;
    bytes += payload.readableBytes();
    sink.accept(
        new TrackEvent.Sample(
            TrackEvent.AUDIO_TRACK, ptsTicks, ptsTicks, format.samplesPerFrame(), true, payload));
  }

  private void sendBoundaries(long upToTicks) {
    while (!boundaries.isEmpty() && boundaries.getFirst().startTicks() <= upToTicks) {
      sink.accept(boundaries.removeFirst());
    }
  }

  private void finish() {
    Codecs open = codecs;
    if (open != null) {
      open.assembler.finish(this::encode);
      open.encoder.drain(this::deliver);
      close();
    }
    sendBoundaries(Long.MAX_VALUE);
  }

  /** Frees the codecs; what they hold is lost. */
  void close() {
    if (codecs != null) {
      codecs.close();
      codecs = null;
    }
  }

  /** What it is encoded by. */
  String engine() {
    return rung.codec() == AudioCodec.OPUS ? "libopus" : "aac";
  }

  long in() {
    return in;
  }

  long out() {
    return out;
  }

  long damaged() {
    return damaged;
  }

  long bytes() {
    return bytes;
  }
}
