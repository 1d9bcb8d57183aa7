package io.millrace.server;

import io.millrace.media.StreamKey;
import io.millrace.media.VideoCodec;
import io.millrace.packager.Presentation;
import io.millrace.server.live.ActiveStream;
import io.millrace.server.live.StreamRegistry;
import io.millrace.server.live.WatchedRungs;
import io.millrace.server.origin.Demand;
import io.millrace.server.origin.StreamDirectory;
import io.millrace.server.origin.StreamPictures;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The live streams as viewers may find them. */
final class LiveDirectory implements StreamDirectory {
  private final StreamRegistry registry;
  private final StreamPictures pictures;

  LiveDirectory(StreamRegistry registry, StreamPictures pictures) {
    this.registry = registry;
    this.pictures = pictures;
  }

  @Override
  public StreamPictures pictures() {
    return pictures;
  }

  @Override
  public @Nullable Presentation find(StreamKey key) {
    ActiveStream stream = registry.find(key);
    return stream == null ? null : stream.presentation();
  }

  @Override
  public Demand demand(StreamKey key) {
    ActiveStream stream = registry.find(key);
    return stream == null ? Demand.NONE : new Viewed(stream.outputs().watched());
  }

  private record Viewed(WatchedRungs rungs) implements Demand {
    @Override
    public void request(String rendition) {
      rungs.request(rendition);
    }

    @Override
    public void request(VideoCodec codec) {
      rungs.request(codec);
    }

    @Override
    public boolean isReady(String rendition) {
      return rungs.isReady(rendition);
    }

    @Override
    public boolean isReady(VideoCodec codec) {
      return rungs.isReady(codec);
    }
  }

  @Override
  public List<Listed> list() {
    return registry.all().stream()
        .filter(stream -> stream.state() != ActiveStream.State.ENDED)
        .map(stream -> new Listed(stream.key(), stream.since(), stream.presentation()))
        .sorted(Comparator.comparing(listed -> listed.key().toString()))
        .toList();
  }
}
