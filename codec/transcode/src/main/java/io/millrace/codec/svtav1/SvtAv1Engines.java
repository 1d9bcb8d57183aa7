package io.millrace.codec.svtav1;

import io.millrace.codec.CodecException;
import io.millrace.codec.EncoderSettings;
import io.millrace.codec.NativeAccount;
import io.millrace.codec.VideoEncoder;
import io.millrace.codec.ffmpeg.FfmpegEngines;
import io.millrace.natives.ProcessEnvironment;
import io.millrace.natives.svtav1.SvtAv1Library;
import io.millrace.natives.svtav1.SvtAv1Version;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The SVT-AV1 that is used: looked for at the configured path, in the system's library folders and
 * in the FFmpeg bundle; the newest wins, and the bundled one among equals.
 *
 * <p>Thread-safe. Holds the chosen library open for its life; closed once no encoder is left.
 */
public final class SvtAv1Engines implements AutoCloseable {
  /** Newest binary interface first. Names alone leave it to the loader where to look. */
  private static final List<String> SYSTEM_NAMES =
      List.of(
          "libSvtAv1Enc.so.4",
          "libSvtAv1Enc.so.3",
          "libSvtAv1Enc.so.2",
          "libSvtAv1Enc.so.1",
          "/usr/local/lib/libSvtAv1Enc.so",
          "/opt/homebrew/lib/libSvtAv1Enc.dylib");

  private final Choice choice;
  private final @Nullable SvtAv1Library library;

  /** Which engines may be chosen. */
  public enum Preference {
    /** The newest of all. */
    NEWEST,
    /** A library of its own only, as old as it may be. */
    OWN_LIBRARY,
    /** The FFmpeg bundle only. */
    BUNDLED
  }

  /**
   * What was chosen, for the log and for {@code plan}.
   *
   * @param engine {@code bundled}, or the path or name of the library
   * @param why in a few words, naming what lost
   */
  public record Choice(String engine, SvtAv1Version version, String why) {
    @Override
    public String toString() {
      return "SVT-AV1 " + version + " (" + engine + "): " + why;
    }
  }

  private SvtAv1Engines(Choice choice, @Nullable SvtAv1Library library) {
    this.choice = choice;
    this.library = library;
  }

  /**
   * Looks and chooses.
   *
   * @param configured a library the operator named, or null
   * @throws CodecException when there is no SVT-AV1 that the preference allows
   */
  public static SvtAv1Engines select(@Nullable Path configured, Preference preference) {
    ProcessEnvironment.setIfAbsent("SVT_LOG", "0");
    List<String> notes = new ArrayList<>();
    SvtAv1Library own = preference == Preference.BUNDLED ? null : newestLibrary(configured, notes);
    boolean bundled = preference != Preference.OWN_LIBRARY && FfmpegEngines.hasSvtAv1();
    if (own != null && (!bundled || own.version().compareTo(FfmpegEngines.BUNDLED_SVT_AV1) > 0)) {
      notes.add(bundled ? "newer than bundled " + FfmpegEngines.BUNDLED_SVT_AV1 : "no bundled one");
      return new SvtAv1Engines(
          new Choice(own.name(), own.version(), String.join(", ", notes)), own);
    }
    if (!bundled) {
      throw new CodecException("no SVT-AV1 found: " + String.join(", ", notes));
    }
    notes.add(
        own == null ? "no library of its own" : "newer than " + own.name() + " " + own.version());
    if (own != null) {
      own.close();
    }
    return new SvtAv1Engines(
        new Choice("bundled", FfmpegEngines.BUNDLED_SVT_AV1, String.join(", ", notes)), null);
  }

  private static @Nullable SvtAv1Library newestLibrary(
      @Nullable Path configured, List<String> notes) {
    SvtAv1Library newest = null;
    if (configured != null) {
      try {
        newest = SvtAv1Library.open(configured.toAbsolutePath().toString());
      } catch (IllegalStateException e) {
        notes.add("configured library unusable: " + e.getMessage());
      }
    }
    for (String name : SYSTEM_NAMES) {
      Optional<SvtAv1Library> found = SvtAv1Library.probe(name);
      if (found.isPresent()) {
        SvtAv1Library older = newer(newest, found.get()) ? newest : found.get();
        newest = newer(newest, found.get()) ? found.get() : newest;
        if (older != null) {
          older.close();
        }
      }
    }
    return newest;
  }

  private static boolean newer(@Nullable SvtAv1Library than, SvtAv1Library candidate) {
    return than == null || candidate.version().compareTo(than.version()) > 0;
  }

  /** What was chosen and why. */
  public Choice choice() {
    return choice;
  }

  /**
   * Opens an AV1 encoder.
   *
   * @throws CodecException when the engine refuses the settings
   */
  public VideoEncoder open(EncoderSettings settings, NativeAccount account) {
    return GuardedEncoder.open(
        () ->
            library == null
                ? FfmpegEngines.openSvtAv1(
                    settings,
                    SvtAv1Parameters.keyIntervalFrames(settings, choice.version()),
                    SvtAv1Parameters.variableRate(settings, choice.version()),
                    SvtAv1Parameters.structure(settings, choice.version()),
                    account)
                : new SvtAv1VideoEncoder(library, settings, account));
  }

  /** Unloads a library of its own. */
  @Override
  public void close() {
    if (library != null) {
      library.close();
    }
  }
}
