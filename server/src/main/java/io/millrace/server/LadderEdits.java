package io.millrace.server;

import static io.millrace.server.event.EventType.LADDER_CHOSEN;
import static io.millrace.server.event.EventType.LADDER_RESET;

import io.millrace.media.StreamKey;
import io.millrace.server.api.LadderEdit;
import io.millrace.server.config.Config;
import io.millrace.server.config.ConfigException;
import io.millrace.server.config.ConfigProblem;
import io.millrace.server.config.LadderConfig;
import io.millrace.server.config.LadderRequest;
import io.millrace.server.event.EventNote;
import io.millrace.server.event.EventSink;
import io.millrace.server.live.ActiveStream;
import io.millrace.server.live.LadderSettings;
import io.millrace.server.live.StreamRegistry;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ladders that an operator gives to single streams while they are live. Thread-safe. */
final class LadderEdits implements LadderEdit {
  private static final Logger LOG = LoggerFactory.getLogger(LadderEdits.class);

  private final StreamRegistry streams;
  private final Supplier<Config> config;
  private final EventSink events;

  LadderEdits(StreamRegistry streams, Supplier<Config> config, EventSink events) {
    this.events = events;
    this.streams = streams;
    this.config = config;
  }

  @Override
  public Result put(StreamKey key, byte[] body) {
    ActiveStream stream = live(key);
    if (stream == null) {
      return new Result.NoStream();
    }
    LadderRequest request;
    try {
      request = LadderRequest.read(new String(body, StandardCharsets.UTF_8));
    } catch (ConfigException e) {
      return new Result.Invalid(e.problems());
    }
    return switch (request) {
      case LadderRequest.Named(String name) -> {
        LadderConfig ladder = config.get().ladders().get(name);
        yield ladder == null
            ? new Result.Invalid(List.of(ConfigProblem.of("ladder", "no ladder has this name")))
            : choose(stream, ladder, true, true);
      }
      case LadderRequest.Inline(LadderConfig ladder, boolean segment, boolean part) ->
          choose(stream, ladder, segment, part);
    };
  }

  private Result choose(
      ActiveStream stream, LadderConfig ladder, boolean givesSegment, boolean givesPart) {
    List<ConfigProblem> unlike = new ArrayList<>();
    if (givesSegment && !ladder.segment().equals(stream.settings().segment())) {
      unlike.add(
          fixed("segment", stream.settings().segment().toMillis(), ladder.segment().toMillis()));
    }
    if (givesPart && !ladder.part().equals(stream.settings().part())) {
      unlike.add(fixed("part", stream.settings().part().toMillis(), ladder.part().toMillis()));
    }
    if (!unlike.isEmpty()) {
      return new Result.Unlike(unlike);
    }
    LadderSettings renditions = ConfiguredPolicy.renditions(ladder);
    stream.choose(renditions);
    events.say(
        LOG,
        EventNote.info(LADDER_CHOSEN, stream.key(), "an operator has chosen the ladder")
            .with("renditions", names(renditions)));
    return new Result.Changed(true, names(renditions));
  }

  private static ConfigProblem fixed(String key, long liveMs, long askedMs) {
    return ConfigProblem.of(
        key,
        askedMs + "ms, and the stream has " + liveMs + "ms, which stays so until it has ended");
  }

  @Override
  public Result reset(StreamKey key) {
    ActiveStream stream = live(key);
    if (stream == null) {
      return new Result.NoStream();
    }
    stream.choose(null);
    events.say(LOG, EventNote.info(LADDER_RESET, key, "the configured ladder is back"));
    return new Result.Changed(false, names(stream.settings().renditions()));
  }

  private @Nullable ActiveStream live(StreamKey key) {
    ActiveStream stream = streams.find(key);
    return stream == null || stream.state() == ActiveStream.State.ENDED ? null : stream;
  }

  private static List<String> names(LadderSettings renditions) {
    List<String> names = new ArrayList<>();
    if (!renditions.passthrough().isEmpty()) {
      names.add(renditions.passthrough());
    }
    renditions.ladder().video().forEach(rung -> names.add(rung.name()));
    return names;
  }
}
