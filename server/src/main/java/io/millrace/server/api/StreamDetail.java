package io.millrace.server.api;

import io.millrace.codec.ladder.TranscoderStats;
import io.millrace.codec.ladder.WorkerStats;
import io.millrace.media.StreamKey;
import io.millrace.packager.PackagingStats;
import io.millrace.packager.RenditionInfo;
import io.millrace.server.budget.StreamCpu;
import io.millrace.server.live.InputCounters;
import io.millrace.server.live.PushStats;
import io.millrace.server.record.RecordingStats;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A stream at one moment.
 *
 * @param state {@code live}, {@code interrupted} or {@code ended}
 * @param reconnects how often a publisher has come back
 * @param viewers clients that fetched media within the last seconds
 * @param publishers the main input first; empty while nobody publishes
 * @param inputs what has happened at the inputs
 * @param renditions in ladder order
 * @param leftOut renditions of the ladder that there are not, and why
 * @param packaging what its segments and playlists have cost
 * @param transcoder null where nothing is transcoded
 * @param cpu what that takes
 * @param worker the process that does it; null where that is the server
 * @param recording null where nothing is recorded
 * @param pushes where it is sent on to
 */
public record StreamDetail(
    StreamKey key,
    String state,
    Instant since,
    int reconnects,
    long viewers,
    List<SessionDetail> publishers,
    InputCounters inputs,
    List<RenditionInfo> renditions,
    Map<String, String> leftOut,
    PackagingStats packaging,
    @Nullable TranscoderStats transcoder,
    StreamCpu cpu,
    @Nullable WorkerStats worker,
    @Nullable RecordingStats recording,
    List<PushStats> pushes) {
  public StreamDetail {
    pushes = List.copyOf(pushes);
  }
}
