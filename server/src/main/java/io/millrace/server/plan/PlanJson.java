package io.millrace.server.plan;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.millrace.codec.cost.RungCost;
import io.millrace.codec.ladder.LadderPlan;
import io.millrace.codec.ladder.PlannedRung;
import io.millrace.media.Rational;
import io.millrace.server.budget.Calibration.Identity;
import io.millrace.server.live.ShedStep;
import io.millrace.server.plan.Plan.Costed;
import io.millrace.server.plan.Plan.Left;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A {@link Plan} for programs: cores are CPU seconds a second. */
public final class PlanJson {
  private static final double THOUSANDTHS = 1000;

  private PlanJson() {}

  /** One object. */
  public static String of(Plan plan) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
      json.useDefaultPrettyPrinter();
      json.writeStartObject();
      machine(json, plan.calibration().identity());
      json.writeStringField("av1", plan.av1());
      json.writeStringField("calibrated", plan.calibration().made().toString());
      json.writeObjectFieldStart("source");
      json.writeNumberField("width", plan.source().width());
      json.writeNumberField("height", plan.source().height());
      rate(json, plan.source().frameRate());
      json.writeEndObject();
      json.writeArrayFieldStart("ladders");
      for (Costed ladder : plan.ladders()) {
        ladder(json, ladder);
      }
      json.writeEndArray();
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory does not fail
    }
    return text.toString();
  }

  private static void machine(JsonGenerator json, Identity identity) throws IOException {
    json.writeObjectFieldStart("machine");
    json.writeStringField("cpu", identity.cpu());
    json.writeNumberField("cores", identity.cores());
    json.writeStringField("h264", identity.h264());
    json.writeStringField("version", identity.version());
    json.writeEndObject();
  }

  private static void ladder(JsonGenerator json, Costed ladder) throws IOException {
    json.writeStartObject();
    json.writeStringField("name", ladder.name());
    json.writeArrayFieldStart("streams");
    for (String pattern : ladder.streams()) {
      json.writeString(pattern);
    }
    json.writeEndArray();
    json.writeNumberField("budgetPercent", ladder.budgetPercent());
    cores(json, "budgetCores", ladder.budgetCores());
    json.writeArrayFieldStart("rungs");
    for (RungCost rung : ladder.cost().rungs()) {
      rung(json, rung, ladder.watched().contains(rung.rung().rung().name()));
    }
    json.writeEndArray();
    json.writeArrayFieldStart("leftOut");
    for (LadderPlan.Skipped skipped : ladder.plan().skipped()) {
      json.writeStartObject();
      json.writeStringField("name", skipped.rung().name());
      json.writeStringField("reason", skipped.reason());
      json.writeEndObject();
    }
    json.writeEndArray();
    cores(json, "decodeCores", ladder.cost().decodeCores());
    cores(json, "scaleCores", ladder.cost().scaleCores());
    cores(json, "soundCores", ladder.cost().soundCores());
    cores(json, "cores", ladder.cost().cores());
    fits(json, ladder, ladder.cost().cores());
    json.writeArrayFieldStart("shed");
    for (Left left : ladder.shed()) {
      json.writeStartObject();
      switch (left.step()) {
        case ShedStep.Pause(String rung) -> json.writeStringField("pauses", rung);
        case ShedStep.All all ->
            json.writeStringField("step", all.name().toLowerCase(Locale.ROOT).replace('_', '-'));
      }
      cores(json, "cores", left.cores());
      fits(json, ladder, left.cores());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void rung(JsonGenerator json, RungCost cost, boolean watched) throws IOException {
    PlannedRung planned = cost.rung();
    json.writeStartObject();
    json.writeStringField("name", planned.rung().name());
    json.writeStringField("codec", planned.rung().codec().name().toLowerCase(Locale.ROOT));
    json.writeNumberField("width", planned.width());
    json.writeNumberField("height", planned.height());
    rate(json, planned.frameRate());
    json.writeStringField("preset", planned.rung().preset());
    json.writeBooleanField("watched", watched);
    if (cost.cores().isPresent()) {
      cores(json, "cores", cost.cores().getAsDouble());
    } else {
      json.writeNullField("cores");
    }
    json.writeEndObject();
  }

  private static void rate(JsonGenerator json, @Nullable Rational rate) throws IOException {
    if (rate != null) {
      json.writeNumberField("frameRate", Math.round(rate.toDouble() * THOUSANDTHS) / THOUSANDTHS);
    }
  }

  private static void cores(JsonGenerator json, String name, double cores) throws IOException {
    json.writeNumberField(name, Math.round(cores * THOUSANDTHS) / THOUSANDTHS);
  }

  /** Null: any number. */
  private static void fits(JsonGenerator json, Costed ladder, double cores) throws IOException {
    long streams = ladder.fits(cores);
    if (streams == Long.MAX_VALUE) {
      json.writeNullField("fits");
    } else {
      json.writeNumberField("fits", streams);
    }
  }
}
