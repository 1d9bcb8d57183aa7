package io.millrace.server.live;

import io.millrace.codec.CodecException;
import io.millrace.codec.slate.Silence;
import io.millrace.media.MediaFormatException;
import io.millrace.media.TrackEvent.Sample;
import io.millrace.media.TrackFormat;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Short holes in a sound, closed by silence in the source's own format: what was in flight when a
 * publisher was lost, or what it never sent. A player would stop at such a hole or jump over it,
 * and lose the picture that is there.
 *
 * <p>Silence comes in whole frames, so that less than one frame of a hole is left. A hole of more
 * than a second stays one: the picture's segments are closed by then.
 *
 * <p>Not thread-safe.
 */
final class SoundHoles {
  private static final class Sound {
    final TrackFormat.Audio format;
    final @Nullable Silence silence;
    long endTicks;

    Sound(TrackFormat.Audio format) {
      this.format = format;
      this.silence = silence(format);
    }

    /** Null for a format that has no silence: its holes stay. */
    private static @Nullable Silence silence(TrackFormat.Audio format) {
      try {
        return format.samplesPerFrame() > 0 ? Silence.of(format) : null;
      } catch (CodecException | MediaFormatException e) {
        return null;
      }
    }
  }

  private final Map<Integer, Sound> sounds = new HashMap<>();

  /**
   * What belongs between the last sample of the track and {@code next}, in order; owned by the
   * caller. Borrows {@code next}, which must be sent behind it.
   */
  List<Sample> before(Sample next, TrackFormat.Audio format) {
    Sound sound = sounds.get(next.track());
    boolean goesOn = sound != null && sound.format.equals(format);
    if (sound == null || !goesOn) {
      sound = new Sound(format);
      sounds.put(next.track(), sound);
    }
    List<Sample> fill = goesOn ? fill(sound, next) : List.of();
    long lasts = next.durationTicks() > 0 ? next.durationTicks() : format.samplesPerFrame();
    sound.endTicks = next.ptsTicks() + lasts;
    return fill;
  }

  private List<Sample> fill(Sound sound, Sample next) {
    Silence silence = sound.silence;
    long hole = next.ptsTicks() - sound.endTicks;
    long frames = hole / Math.max(1, sound.format.samplesPerFrame());
    if (silence == null || frames < 1 || hole > sound.format.sampleRate()) {
      return List.of();
    }
    List<Sample> fill = new ArrayList<>((int) frames);
    for (int i = 0; i < frames; i++) {
      fill.add(silence.sample(next.track(), sound.endTicks, i));
    }
    return fill;
  }

  /** After a pause of the whole stream: what follows is no hole of the sound's. */
  void forget() {
    sounds.clear();
  }
}
