package io.millrace.loadtest.quality;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.codec.RateMode;
import io.millrace.codec.Tune;
import io.millrace.codec.ladder.VideoRung;
import io.millrace.loadtest.e2e.Tool;
import io.millrace.loadtest.process.ManagedProcess;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import picocli.CommandLine;

/** The whole way with a stand-in for {@code vmaf}, which is not everywhere. */
@Isolated
class QualityCommandTest {
  private static final String REPORT =
      """
      <VMAF version="3.2.0"><pooled_metrics>
        <metric name="psnr_y" min="31.1" max="44.0" mean="39.25" harmonic_mean="39.1" />
        <metric name="float_ssim" min="0.9" max="1.0" mean="0.9876" harmonic_mean="0.98" />
        <metric name="vmaf" min="80.0" max="99.0" mean="93.5" harmonic_mean="93.4" />
      </pooled_metrics></VMAF>
      """;

  @TempDir Path folder;

  @Test
  void encodesDecodesScoresAndReports() throws IOException, InterruptedException {
    String ffmpeg = Tool.require("ffmpeg").path().toString();
    Path clip = folder.resolve("bars.mp4");
    ManagedProcess.output(
        Duration.ofMinutes(1),
        folder,
        List.of(
            ffmpeg,
            "-nostdin",
            "-loglevel",
            "error",
            "-f",
            "lavfi",
            "-i",
            "testsrc2=size=320x180:rate=30:duration=5",
            "-pix_fmt",
            "yuv420p",
            clip.toString()));
    Path report = folder.resolve("report.md");

    int code =
        new CommandLine(new QualityCommand())
            .execute(
                "--ffmpeg",
                ffmpeg,
                "--vmaf",
                standIn().toString(),
                "--seconds",
                "4",
                "--height",
                "180",
                "--no-delay",
                "--plots",
                folder.toString(),
                "--out",
                report.toString(),
                "--rung",
                "h264:quality:veryfast:vbr:60,400",
                "--rung",
                "av1:quality:10:capped-crf:55,30",
                clip.toString());

    assertThat(code).isZero();
    String text = Files.readString(report);
    assertThat(text)
        .contains("320x180 at 30.00 pictures a second, 4.0 s; libx264, SVT-AV1")
        .contains("Against H.264 veryfast, quality, vbr:")
        .contains("libvmaf stand-in")
        .contains("| H.264 veryfast, quality, vbr | 60 |")
        .contains("| AV1 preset 10, quality, capped-crf | 30 |");
    // What the stand-in counted: every picture of the source came out of the decoder.
    assertThat(Files.readAllLines(folder.resolve("pictures"))).hasSize(4).containsOnly("120 120");
    assertThat(kbps(text, "AV1 preset 10, quality, capped-crf \\| 30"))
        .isGreaterThan(kbps(text, "AV1 preset 10, quality, capped-crf \\| 55"));
    // It gives 91.5 and 92.5 to the one, 93.5 and 94.5 to the other: nothing in common.
    assertThat(text).contains("| AV1 preset 10, quality, capped-crf | – | – | – | – |");
    assertThat(folder.resolve("bars-vmaf.svg")).exists();
    assertThat(folder.resolve("bars-psnr.svg")).exists();
    assertThat(folder.resolve("bars-ssim.svg")).exists();
  }

  /** Tells how many pictures both files have: of 320x180, each behind a line that says FRAME. */
  private Path standIn() throws IOException {
    Path script = folder.resolve("vmaf");
    Files.writeString(
        script,
        """
        #!/bin/sh
        [ "$1" = --version ] && { echo stand-in; exit 0; }
        while [ $# -gt 0 ]; do
          case $1 in
            --reference) reference=$2 ;;
            --distorted) distorted=$2 ;;
            --output) output=$2 ;;
          esac
          shift
        done
        pictures() { echo $(($(wc -c < "$1") / 86406)); }
        echo "$(pictures "$reference") $(pictures "$distorted")" >> '%s/pictures'
        cat > "$output" <<END
        %sEND
        """
            .formatted(folder, REPORT.replace("93.5", "9$(wc -l < '" + folder + "/pictures').5")));
    assertThat(script.toFile().setExecutable(true)).isTrue();
    return script;
  }

  private static double kbps(String text, String row) {
    var matcher = Pattern.compile(row + " \\| (\\d+)").matcher(text);
    assertThat(matcher.find()).as(row).isTrue();
    return Double.parseDouble(matcher.group(1));
  }

  @Test
  void saysWhatToInstallWithoutVmaf() {
    assertThatThrownBy(() -> Vmaf.find(folder.resolve("nothing").toString()))
        .hasMessageContaining("nothing")
        .hasMessageContaining("https://github.com/Netflix/vmaf")
        .hasMessageContaining("--vmaf");
    assertThat(new CommandLine(new QualityCommand()).execute("--vmaf", "/nowhere/vmaf", "a.mp4"))
        .isEqualTo(1);
  }

  @Test
  void readsTheMeansOfVmaf() {
    assertThat(Vmaf.parse(REPORT)).isEqualTo(new Score(93.5, 39.25, 0.9876));
    assertThatThrownBy(() -> Vmaf.parse("<VMAF/>")).hasMessageContaining("vmaf");
  }

  @Test
  void contendersAreRungsOfAConfiguration() {
    Contender capped = Contender.parse("av1:quality:9:capped-crf:45,35,25");
    VideoRung rung = capped.rung(720, 35, 4_000_000);
    assertThat(rung.bitrateBps()).isEqualTo(4_000_000);
    assertThat(rung.options().rate()).isEqualTo(RateMode.CAPPED_CRF);
    assertThat(rung.options().crf(rung.codec())).isEqualTo(35);
    assertThat(Contender.parse(capped.spec())).isEqualTo(capped);
    assertThat(capped.label()).isEqualTo("AV1 preset 9, quality, capped-crf");

    Contender deep = Contender.parse("av1:quality:8:vbr:300,600:15");
    assertThat(deep.rung(720, 300, 0).options().bFrames()).isEqualTo(15);
    assertThat(Contender.parse(deep.spec())).isEqualTo(deep);
    assertThat(deep.label()).isEqualTo("AV1 preset 8, quality, vbr, bframes 15");

    Contender tuned = Contender.parse("av1:quality:8:vbr:300,600::perceptual");
    assertThat(tuned.rung(720, 300, 0).options().tune()).isEqualTo(Tune.PERCEPTUAL);
    assertThat(Contender.parse(tuned.spec())).isEqualTo(tuned);
    assertThat(tuned.label()).isEqualTo("AV1 preset 8, quality, vbr, perceptual");

    Contender plain = Contender.parse("h264:fast:veryfast:cbr:600,1000,1600");
    assertThat(plain.rung(720, 1000, 0).bitrateBps()).isEqualTo(1_000_000);
    assertThat(plain.middle()).isEqualTo(1000);
    assertThat(plain.label()).isEqualTo("H.264 veryfast, fast, cbr");
  }

  @Test
  void wrongContendersAreRefusedWithTheRule() {
    StringWriter errors = new StringWriter();
    CommandLine line = new CommandLine(new QualityCommand()).setErr(new PrintWriter(errors));
    assertThat(line.execute("--rung", "av1:fast:11:vbr:600,1000", "a.mp4")).isEqualTo(2);
    assertThat(errors.toString()).contains("svt-av1 has vbr with profile: quality only");
    assertThatThrownBy(() -> Contender.parse("h264:fast:veryfast:cbr"))
        .hasMessageContaining("CODEC:PROFILE:PRESET:RATE:POINTS");
    assertThatThrownBy(() -> Contender.parse("h264:fast:veryfast:cbr:600"))
        .hasMessageContaining("two points");
  }

  @Test
  void aPlotIsWellFormedAndShowsEveryPoint() throws Exception {
    Contender first = Contender.parse("h264:quality:veryfast:vbr:600,1000,1600");
    Contender second = Contender.parse("av1:quality:10:vbr:300,600,1000");
    List<Point> points =
        List.of(
            point(first, 600, 80),
            point(first, 1000, 87),
            point(first, 1600, 92.5),
            point(second, 300, 78),
            point(second, 600, 88),
            point(second, 1000, 93));
    String svg = new CurvePlot("A & B", Score.Metric.VMAF, List.of(first, second), points).svg();
    var document =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(
                new java.io.ByteArrayInputStream(
                    svg.getBytes(java.nio.charset.StandardCharsets.UTF_8)));
    // Six points, and one in each line of the legend.
    assertThat(document.getElementsByTagName("circle").getLength()).isEqualTo(8);
    assertThat(document.getElementsByTagName("title").item(0).getTextContent()).isEqualTo("A & B");
    assertThat(svg).contains(">94<").contains(">78<").contains(">1500<").contains(first.label());
  }

  private static Point point(Contender contender, int value, double vmaf) {
    Encoding run = new Encoding(value, 0.3, 3, "engine");
    return new Point(contender, value, run, new Score(vmaf, vmaf / 2, vmaf / 100));
  }
}
