package io.millrace.packager.crypt;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.media.VideoCodec;
import io.millrace.media.av1.Obus;
import io.millrace.media.av1.Tiles;
import io.millrace.media.h264.AvcConfiguration;
import io.millrace.media.hevc.HevcConfiguration;
import io.millrace.media.nal.EmulationPrevention;
import io.millrace.media.vp9.Frames;
import io.millrace.packager.Ffmpeg;
import io.millrace.packager.Fragments;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Where picture data begins, as FFmpeg's own bitstream reader sees it ({@code trace_headers}) and
 * as the subsample maps have it, for streams that use what encoders have.
 */
class HeaderTraceTest {
  private static final Pattern LINE =
      Pattern.compile("^\\[trace_headers[^]]*] (.*)$", Pattern.MULTILINE);
  private static final Pattern ELEMENT =
      Pattern.compile("^([0-9]+)\\s+(\\S+)\\s+([01]*) = -?[0-9]+$");

  @TempDir Path folder;

  static Stream<Arguments> streams() {
    return Stream.of(
        stream(
            VideoCodec.H264,
            "testsrc2",
            "libx264 -preset medium -x264-params slices=4:ref=5:bframes=3:weightp=2:keyint=12"),
        stream(VideoCodec.H264, "mandelbrot", "libx264 -preset fast -flags +ildct+ilme -bf 2"),
        stream(VideoCodec.H264, "testsrc2", "libx264 -preset ultrafast -profile:v baseline"),
        stream(
            VideoCodec.HEVC,
            "testsrc2",
            "libx265 -preset medium -tag:v hvc1 -x265-params"
                + " log-level=none:slices=2:ref=4:weightb=1:wpp=1:open-gop=1:keyint=20:info=0"),
        stream(VideoCodec.AV1, "testsrc2", "libsvtav1 -preset 10 -g 30 -svtav1-params lp=1"),
        stream(
            VideoCodec.AV1,
            "mandelbrot",
            "libaom-av1 -cpu-used 7 -b:v 80k -denoise-noise-level 25 -lag-in-frames 8 -tiles 2x2"),
        stream(
            VideoCodec.VP9,
            "testsrc2",
            "libvpx-vp9 -cpu-used 5 -auto-alt-ref 1 -lag-in-frames 12 -g 20 -tile-columns 1"));
  }

  private static Arguments stream(VideoCodec codec, String picture, String encoder) {
    return Arguments.of(codec, picture, encoder);
  }

  @ParameterizedTest
  @MethodSource("streams")
  void dataBeginsWhereFfmpegSaysSo(VideoCodec codec, String picture, String encoder)
      throws Exception {
    RealClip clip = RealClip.video(folder, codec, picture, "512x288", encoder.split(" "));
    String trace =
        Ffmpeg.trace(
            folder,
            "-i",
            clip.file().toString(),
            "-c",
            "copy",
            "-bsf:v",
            "trace_headers",
            "-f",
            "null",
            "-");
    List<Long> expected = headerBits(codec, trace);
    List<Integer> sizes = new ArrayList<>();
    List<Integer> wanted = new ArrayList<>();
    collect(clip, expected, sizes, wanted);
    assertThat(sizes).hasSizeGreaterThan(20).isEqualTo(wanted);
  }

  /** The last bit of each header, in order, of the trace of the packets. */
  private static List<Long> headerBits(VideoCodec codec, String trace) {
    Predicate<String> isHeader =
        switch (codec) {
          case H264 -> "Slice Header"::equals;
          case HEVC -> "Slice Segment Header"::equals;
          case AV1 -> "Frame Header"::equals;
          case VP9 -> "Frame"::equals;
        };
    List<Long> ends = new ArrayList<>();
    boolean inPackets = false;
    boolean reading = false;
    long end = 0;
    boolean hidden = false;
    Matcher lines = LINE.matcher(trace);
    while (lines.find()) {
      String line = lines.group(1).stripTrailing();
      Matcher element = ELEMENT.matcher(line);
      if (element.matches()) {
        String name = element.group(2);
        long at = Long.parseLong(element.group(1));
        if (reading && !name.startsWith("tile_start")) {
          end = at + element.group(3).length();
        }
        hidden |= name.equals("show_existing_frame") && element.group(3).equals("1");
      } else if (line.startsWith("Packet:")) {
        if (reading && !hidden) {
          ends.add(end);
        }
        inPackets = true;
        reading = false;
      } else if (inPackets && isTitle(line)) {
        boolean sameUnit = codec == VideoCodec.AV1 && line.equals("Tile Group");
        if (reading && !sameUnit && !hidden) {
          ends.add(end);
        }
        if (!sameUnit) {
          reading = isHeader.test(line);
          hidden = false;
        } else {
          reading = false;
          if (!hidden) {
            ends.add(end);
          }
        }
      }
    }
    if (reading && !hidden) {
      ends.add(end);
    }
    return ends;
  }

  private static boolean isTitle(String line) {
    return line.matches("[A-Z][A-Za-z0-9 ]+") && !line.contains(" : ");
  }

  private static void collect(
      RealClip clip, List<Long> bits, List<Integer> sizes, List<Integer> wanted) {
    switch (((io.millrace.media.TrackFormat.Video) clip.format()).codec()) {
      case H264 -> {
        AvcConfiguration configuration = AvcConfiguration.parse(clip.format().configuration());
        var headers = new io.millrace.media.h264.SliceHeaders(configuration);
        for (Fragments.Read sample : clip.samples()) {
          var nals =
              io.millrace.media.h264.NalUnits.lengthPrefixed(
                  Unpooled.wrappedBuffer(sample.payload()), configuration.lengthSize());
          while (nals.next()) {
            if (nals.type() == 1 || nals.type() == 5) {
              byte[] nal = nals.copy();
              sizes.add(headers.sizeBytes(nal));
              wanted.add(escaped(nal, bits, wanted.size()));
            }
          }
        }
      }
      case HEVC -> {
        HevcConfiguration configuration = HevcConfiguration.parse(clip.format().configuration());
        var headers = new io.millrace.media.hevc.SliceHeaders(configuration);
        for (Fragments.Read sample : clip.samples()) {
          var nals =
              io.millrace.media.hevc.NalUnits.lengthPrefixed(
                  Unpooled.wrappedBuffer(sample.payload()), configuration.lengthSize());
          while (nals.next()) {
            byte[] nal = nals.copy();
            if (nals.type() < 32) {
              sizes.add(headers.sizeBytes(nal));
              wanted.add(escaped(nal, bits, wanted.size()));
            } else {
              headers.parameterSet(nal);
            }
          }
        }
      }
      case AV1 -> {
        Tiles tiles = new Tiles(clip.format().configuration());
        for (Fragments.Read sample : clip.samples()) {
          ByteBuf unit = Unpooled.wrappedBuffer(sample.payload());
          List<Integer> starts = new ArrayList<>();
          List<Integer> ends = new ArrayList<>();
          tiles.visit(
              unit,
              (offset, size) -> {
                starts.add(offset);
                ends.add(offset + size);
              });
          int tile = 0;
          for (Obus obus = Obus.of(unit); obus.next(); ) {
            if (obus.type() == Obus.FRAME) {
              // Behind the header stand the tile group's own flag and sizes.
              int headerBytes = (int) ((bits.get(wanted.size()) + 7) / 8);
              int end = obus.offset() + obus.sizeBytes();
              int first = starts.get(tile);
              int count = 0;
              while (tile < ends.size() && ends.get(tile) <= end) {
                tile++;
                count++;
              }
              assertThat(ends.get(tile - 1)).as("the last tile ends its OBU").isEqualTo(end);
              int between = first - obus.offset() - headerBytes;
              sizes.add(headerBytes + between);
              wanted.add(headerBytes + (count == 1 ? 0 : between));
              assertThat(between).isBetween(0, count == 1 ? 0 : 5);
            }
          }
        }
      }
      case VP9 -> {
        Frames frames = new Frames();
        for (Fragments.Read sample : clip.samples()) {
          frames.visit(
              Unpooled.wrappedBuffer(sample.payload()),
              (offset, headerBytes, size) -> {
                if (headerBytes < size) {
                  sizes.add(headerBytes);
                  wanted.add((int) ((bits.get(wanted.size()) + 7) / 8));
                }
              });
        }
      }
    }
  }

  private static int escaped(byte[] nal, List<Long> bits, int index) {
    int plainBytes = (int) ((bits.get(index) + 7) / 8);
    return EmulationPrevention.escapedSize(nal, plainBytes);
  }
}
