package io.millrace.packager.segment;

import static io.millrace.packager.bmff.ElementaryStreamBox.MPEG1_AUDIO;
import static io.millrace.packager.bmff.ElementaryStreamBox.MPEG2_AUDIO;
import static io.millrace.packager.bmff.ElementaryStreamBox.MPEG4_AUDIO;

import io.millrace.media.AudioCodec;
import io.millrace.media.Colour;
import io.millrace.media.Hdr;
import io.millrace.media.MediaFormatException;
import io.millrace.media.Timescale;
import io.millrace.media.TrackFormat;
import io.millrace.packager.bmff.AudioSampleEntry;
import io.millrace.packager.bmff.BitRateBox;
import io.millrace.packager.bmff.Box;
import io.millrace.packager.bmff.CodecConfigurationBox;
import io.millrace.packager.bmff.ColourBox;
import io.millrace.packager.bmff.ContainerBox;
import io.millrace.packager.bmff.ContentLightBox;
import io.millrace.packager.bmff.DataReferenceBox;
import io.millrace.packager.bmff.ElementaryStreamBox;
import io.millrace.packager.bmff.EmptySampleTableBox;
import io.millrace.packager.bmff.FileTypeBox;
import io.millrace.packager.bmff.HandlerBox;
import io.millrace.packager.bmff.MasteringDisplayBox;
import io.millrace.packager.bmff.MediaHeaderBox;
import io.millrace.packager.bmff.MovieHeaderBox;
import io.millrace.packager.bmff.OpaqueBox;
import io.millrace.packager.bmff.PixelAspectRatioBox;
import io.millrace.packager.bmff.RollDistanceBox;
import io.millrace.packager.bmff.SampleDescriptionBox;
import io.millrace.packager.bmff.SoundMediaHeaderBox;
import io.millrace.packager.bmff.TrackExtendsBox;
import io.millrace.packager.bmff.TrackHeaderBox;
import io.millrace.packager.bmff.VideoMediaHeaderBox;
import io.millrace.packager.bmff.VisualSampleEntry;
import io.millrace.packager.bmff.VpConfigurationBox;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Writes CMAF headers (ISO/IEC 23000-19 §7.3.2.1): a sample entry for each codec served. */
final class InitWriter {
  static final int TRACK_ID = 1;
  private static final int MAX_ENTRY_PIXELS = 0xFFFF;

  /** ISO/IEC 11172-3 §2.4.2.3; lower rates are ISO/IEC 13818-3's. */
  private static final int MIN_MPEG1_SAMPLE_RATE = 32_000;

  /** Opus in ISOBMFF §4.3.6.2. */
  private static final int OPUS_PRE_ROLL_MS = 80;

  /** Version and flags (ISO/IEC 14496-12 §12.6.2). */
  private static final int NULL_HEADER_BYTES = 4;

  /** Reserved bytes and the data reference index, 1 (ISO/IEC 14496-12 §8.5.2.2). */
  private static final byte[] SAMPLE_ENTRY = {0, 0, 0, 0, 0, 0, 0, 1};

  private InitWriter() {}

  /**
   * @param declaredBitrateBps for {@code btrt}; 0: none
   * @throws MediaFormatException (unsupported) for a codec without a sample entry
   */
  static byte[] write(TrackFormat format, long declaredBitrateBps) {
    return write(format, declaredBitrateBps, Lock.NONE);
  }

  /**
   * As {@link #write(TrackFormat, long)}, for encrypted samples.
   *
   * @param lock what the samples are encrypted with
   */
  static byte[] write(TrackFormat format, long declaredBitrateBps, Lock lock) {
    int bitrate = (int) Math.min(Integer.MAX_VALUE, declaredBitrateBps);
    return switch (format) {
      case TrackFormat.Video video ->
          init(
              format,
              TrackHeaderBox.video(
                  TRACK_ID, squarePixelWidth(video), video.height(), video.rotation()),
              new HandlerBox("vide", "Video"),
              new VideoMediaHeaderBox(),
              videoEntry(video, bitrate),
              lock);
      case TrackFormat.Audio audio ->
          init(
              format,
              TrackHeaderBox.audio(TRACK_ID),
              new HandlerBox("soun", "Audio"),
              new SoundMediaHeaderBox(),
              audioEntry(audio, bitrate),
              lock);
      case TrackFormat.Text text ->
          init(
              format,
              TrackHeaderBox.text(TRACK_ID),
              new HandlerBox("text", "Text"),
              new OpaqueBox("nmhd", new byte[NULL_HEADER_BYTES]),
              textEntry(text),
              lock);
    };
  }

  private static byte[] init(
      TrackFormat format,
      TrackHeaderBox header,
      HandlerBox handler,
      Box mediaHeader,
      Box entry,
      Lock lock) {
    int timescale = format.timescale().ticksPerSecond();
    List<Box> tables = new ArrayList<>();
    tables.add(new SampleDescriptionBox(lock.entry(entry, format)));
    for (String table : List.of("stts", "stsc", "stsz", "stco")) {
      tables.add(new EmptySampleTableBox(table));
    }
    int rollDistance = rollDistance(format);
    if (rollDistance != 0) {
      tables.add(new RollDistanceBox(rollDistance));
    }
    Box information =
        ContainerBox.of(
            "minf",
            mediaHeader,
            ContainerBox.of("dinf", new DataReferenceBox()),
            new ContainerBox("stbl", tables));
    Box media = ContainerBox.of("mdia", new MediaHeaderBox(timescale), handler, information);
    List<Box> movie = new ArrayList<>();
    movie.add(new MovieHeaderBox(timescale));
    movie.add(ContainerBox.of("trak", header, media));
    movie.add(ContainerBox.of("mvex", new TrackExtendsBox(TRACK_ID)));
    movie.addAll(lock.systems());
    return Box.toBytes(List.of(fileType(entry.type()), new ContainerBox("moov", movie)));
  }

  /**
   * {@code cmfc}: CMAF; {@code cmf2}: signed composition offsets, no edit lists, self-contained
   * fragments (ISO/IEC 23000-19 §7.7.3); {@code iso6}: default-base-is-moof and tfdt.
   */
  private static FileTypeBox fileType(String entryType) {
    List<String> brands = new ArrayList<>(List.of("iso6", "cmfc", "cmf2", "dash"));
    if (entryType.equals("av01")) {
      brands.add("av01"); // AV1-ISOBMFF §2.1
    }
    return new FileTypeBox("ftyp", "iso6", 0, brands);
  }

  private static Box videoEntry(TrackFormat.Video video, int bitrateBps) {
    if (video.width() > MAX_ENTRY_PIXELS || video.height() > MAX_ENTRY_PIXELS) {
      throw MediaFormatException.unsupported("picture of " + video.width() + "x" + video.height());
    }
    List<Box> children = new ArrayList<>();
    String type =
        switch (video.codec()) {
          case H264 -> {
            children.add(new CodecConfigurationBox("avcC", video.configuration()));
            yield "avc1";
          }
          case AV1 -> {
            children.add(new CodecConfigurationBox("av1C", video.configuration()));
            yield "av01";
          }
          case HEVC -> {
            // Parameter sets stand here only, not in samples: what Apple's players ask for.
            children.add(new CodecConfigurationBox("hvcC", video.configuration()));
            yield "hvc1";
          }
          case VP9 -> {
            children.add(new VpConfigurationBox(video.configuration()));
            yield "vp09";
          }
        };
    addColour(children, video.colour());
    children.add(
        new PixelAspectRatioBox(
            video.sampleAspectRatio().numerator(), video.sampleAspectRatio().denominator()));
    if (bitrateBps > 0) {
      children.add(new BitRateBox(0, bitrateBps, bitrateBps));
    }
    return new VisualSampleEntry(type, video.width(), video.height(), children);
  }

  private static void addColour(List<Box> children, Colour colour) {
    if (!colour.withHdr(null).equals(Colour.UNSPECIFIED)) {
      children.add(ColourBox.of(colour));
    }
    Hdr hdr = colour.hdr();
    if (hdr != null && hdr.display() != null) {
      children.add(new MasteringDisplayBox(hdr.display()));
    }
    if (hdr != null && hdr.light() != null) {
      children.add(new ContentLightBox(hdr.light()));
    }
  }

  private static Box audioEntry(TrackFormat.Audio audio, int bitrateBps) {
    List<Box> children = new ArrayList<>();
    String type =
        switch (audio.codec()) {
          case AAC -> {
            children.add(elementaryStream(MPEG4_AUDIO, bitrateBps, audio));
            yield "mp4a";
          }
          case OPUS -> {
            children.add(new CodecConfigurationBox("dOps", audio.configuration()));
            yield "Opus";
          }
          case MP3 -> {
            boolean halfRate = audio.sampleRate() < MIN_MPEG1_SAMPLE_RATE;
            children.add(elementaryStream(halfRate ? MPEG2_AUDIO : MPEG1_AUDIO, bitrateBps, audio));
            yield "mp4a";
          }
        };
    if (bitrateBps > 0) {
      children.add(new BitRateBox(0, bitrateBps, bitrateBps));
    }
    return new AudioSampleEntry(type, audio.channels(), audio.sampleRate(), children);
  }

  /** The head of a WebVTT file, as every segment has it (ISO/IEC 14496-30 §6.5). */
  private static Box textEntry(TrackFormat.Text text) {
    byte[] head = "WEBVTT".getBytes(StandardCharsets.US_ASCII);
    byte[] configuration = Box.toBytes(List.of(new OpaqueBox("vttC", head)));
    byte[] content = Arrays.copyOf(SAMPLE_ENTRY, SAMPLE_ENTRY.length + configuration.length);
    System.arraycopy(configuration, 0, content, SAMPLE_ENTRY.length, configuration.length);
    return new OpaqueBox(text.codecs(), content);
  }

  /** Samples that a decoder must have read before one is right; negative, 0 where it needs none. */
  static int rollDistance(TrackFormat format) {
    return format instanceof TrackFormat.Audio audio && audio.codec() == AudioCodec.OPUS
        ? -Math.ceilDiv(audio.sampleRate() * OPUS_PRE_ROLL_MS / 1000, audio.samplesPerFrame())
        : 0;
  }

  private static Box elementaryStream(int objectType, int bitrateBps, TrackFormat.Audio audio) {
    return new ElementaryStreamBox(objectType, bitrateBps, bitrateBps, audio.configuration());
  }

  /** Width of the picture when its height is kept and its pixels are made square. */
  static int squarePixelWidth(TrackFormat.Video video) {
    long width =
        Timescale.scale(
            video.width(),
            video.sampleAspectRatio().numerator(),
            video.sampleAspectRatio().denominator());
    return (int) Math.clamp(width, 1, Short.MAX_VALUE);
  }
}
