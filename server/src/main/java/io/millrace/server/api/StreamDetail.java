package io.millrace.server.api;

import io.millrace.codec.ladder.TranscoderStats;
import io.millrace.media.StreamKey;
import io.millrace.packager.RenditionInfo;
import io.millrace.server.live.InputCounters;
import io.millrace.server.record.RecordingStats;
import java.time.Instant;
import java.util.List;
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
 * @param documentsRendered playlists and manifests, however many viewers they had
 * @param transcoder null where nothing is transcoded
 * @param recording null where nothing is recorded
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
    long documentsRendered,
    @Nullable TranscoderStats transcoder,
    @Nullable RecordingStats recording) {}
