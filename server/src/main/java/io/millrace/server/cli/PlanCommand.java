package io.millrace.server.cli;

import io.millrace.codec.CodecException;
import io.millrace.codec.ladder.Engines;
import io.millrace.codec.svtav1.SvtAv1Engines;
import io.millrace.media.Colour;
import io.millrace.media.Rational;
import io.millrace.media.TrackFormat;
import io.millrace.media.VideoCodec;
import io.millrace.server.budget.Calibration;
import io.millrace.server.budget.CalibrationFile;
import io.millrace.server.budget.Calibrator;
import io.millrace.server.config.Config;
import io.millrace.server.plan.Plan;
import io.millrace.server.plan.PlanJson;
import io.millrace.server.plan.PlanText;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code millrace plan}: what the ladders cost on this machine, and how many streams fit. */
@Command(
    name = "plan",
    description = {
      "Says what the ladders cost on this machine, how many streams fit, and what is given up"
          + " first.",
      "The first time it measures the machine's encoders, which takes up to half a minute of one"
          + " core; the result is kept in data.dir."
    },
    mixinStandardHelpOptions = true)
final class PlanCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Mixin private ConfigOptions options = new ConfigOptions();

  @Option(
      names = "--source",
      paramLabel = "WIDTHxHEIGHT@FPS",
      defaultValue = "1920x1080@30",
      converter = SourceType.class,
      description = "What publishers send (${DEFAULT-VALUE}).")
  private TrackFormat.Video source = SourceType.of(1920, 1080, new Rational(30, 1));

  @Option(names = "--calibrate", description = "Measures the machine again.")
  private boolean calibrate;

  @Option(names = "--json", description = "The same for programs.")
  private boolean json;

  PlanCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws InterruptedException {
    Config config = options.load(terminal.err()).config();
    try (SvtAv1Engines av1 =
        SvtAv1Engines.select(config.svtAv1Library(), SvtAv1Engines.Preference.NEWEST)) {
      Calibrator calibrator =
          new Calibrator(new Engines(av1), VersionText.version(), InstantSource.system());
      Calibration calibration = calibration(calibrator, config.dataDir());
      Plan plan = Plan.of(config, calibration, av1.choice().toString(), source);
      if (json) {
        terminal.out().println(PlanJson.of(plan));
      } else {
        terminal.out().print(PlanText.of(plan, CalibrationFile.in(config.dataDir())));
      }
      return MillraceCommand.OK;
    } catch (CodecException e) {
      terminal.err().println("millrace: the encoders cannot be measured: " + e.getMessage());
      return MillraceCommand.FAILED;
    }
  }

  private Calibration calibration(Calibrator calibrator, Path dataDir) throws InterruptedException {
    Optional<Calibration> kept = CalibrationFile.read(dataDir);
    if (!calibrate && kept.isPresent()) {
      if (kept.get().identity().equals(calibrator.identity())) {
        return kept.get();
      }
      terminal.err().println("millrace: the calibration is of another machine or other libraries");
    }
    terminal.err().println("millrace: measuring this machine's encoders, up to half a minute");
    Calibration made = calibrator.run(what -> terminal.err().println("millrace:   " + what + " …"));
    try {
      CalibrationFile.write(dataDir, made);
    } catch (IOException e) {
      terminal.err().println("millrace: the calibration cannot be kept: " + e.getMessage());
    }
    return made;
  }

  /** {@code 1280x720@29.97}. */
  static final class SourceType implements CommandLine.ITypeConverter<TrackFormat.Video> {
    private static final Pattern FORM =
        Pattern.compile("([1-9][0-9]{1,3})x([1-9][0-9]{1,3})(?:@([0-9]{1,3}(?:\\.[0-9]{1,3})?))?");
    private static final int MAX_SIDE_PX = 8192;
    private static final int MAX_RATE = 240;

    @Override
    public TrackFormat.Video convert(String value) {
      Matcher form = FORM.matcher(value);
      if (!form.matches()) {
        throw new CommandLine.TypeConversionException(
            "a source is WIDTHxHEIGHT@FPS, as in 1280x720@30");
      }
      int width = Integer.parseInt(form.group(1));
      int height = Integer.parseInt(form.group(2));
      double rate = form.group(3) == null ? 30 : Double.parseDouble(form.group(3));
      if (width > MAX_SIDE_PX || height > MAX_SIDE_PX || rate < 1 || rate > MAX_RATE) {
        throw new CommandLine.TypeConversionException(
            "a source has sides of 10 to 8192 pixels and 1 to 240 pictures a second");
      }
      return of(width, height, new Rational((int) Math.round(rate * 1000), 1000));
    }

    static TrackFormat.Video of(int width, int height, Rational rate) {
      return new TrackFormat.Video(
          VideoCodec.H264,
          "avc1",
          new byte[0],
          width,
          height,
          Rational.ONE,
          rate,
          new Colour(1, 1, 1, false),
          0);
    }
  }
}
