package io.millrace.loadtest.fuzz;

import io.millrace.media.AudioSyntaxFuzz;
import io.millrace.media.VideoSyntaxFuzz;
import io.millrace.media.flv.FlvTagFuzz;
import io.millrace.media.mpegts.TsDemuxerFuzz;
import io.millrace.media.timeline.TimelineFuzz;
import io.millrace.server.access.PlayTokenFuzz;
import io.millrace.server.edge.QueryFuzz;
import io.millrace.server.ingest.MediaIngestFuzz;
import io.millrace.server.ingest.TsIngestFuzz;
import io.millrace.transport.http.RequestFuzz;
import io.millrace.transport.rtmp.RtmpSessionFuzz;
import io.millrace.transport.rtmp.amf.AmfFuzz;
import io.millrace.transport.rtmp.wire.ChunkStreamFuzz;
import io.millrace.transport.srt.SrtHandshakeFuzz;
import io.millrace.transport.srt.flow.SrtFlowFuzz;
import io.millrace.transport.srt.wire.SrtWireFuzz;
import io.millrace.transport.tls.ClientHelloFuzz;
import io.millrace.transport.tls.OcspStapleFuzz;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Everything that is fuzzed.
 *
 * @param name on the command line
 * @param type what Jazzer calls
 * @param seeds what it starts from
 * @param input feeds one input, for a replay without Jazzer
 * @param maxBytes longest input
 */
record FuzzTarget(
    String name,
    Class<?> type,
    Supplier<List<byte[]>> seeds,
    Consumer<byte[]> input,
    int maxBytes) {
  static final List<FuzzTarget> ALL =
      List.of(
          new FuzzTarget(
              "rtmp-chunks",
              ChunkStreamFuzz.class,
              ChunkStreamFuzz::seeds,
              ChunkStreamFuzz::fuzzerTestOneInput,
              4_096),
          new FuzzTarget(
              "rtmp-session",
              RtmpSessionFuzz.class,
              RtmpSessionFuzz::seeds,
              RtmpSessionFuzz::fuzzerTestOneInput,
              8_192),
          new FuzzTarget(
              "tls-client-hello",
              ClientHelloFuzz.class,
              ClientHelloFuzz::seeds,
              ClientHelloFuzz::fuzzerTestOneInput,
              4_096),
          new FuzzTarget(
              "ocsp-response",
              OcspStapleFuzz.class,
              OcspStapleFuzz::seeds,
              OcspStapleFuzz::fuzzerTestOneInput,
              4_096),
          new FuzzTarget("amf", AmfFuzz.class, AmfFuzz::seeds, AmfFuzz::fuzzerTestOneInput, 4_096),
          new FuzzTarget(
              "flv", FlvTagFuzz.class, FlvTagFuzz::seeds, FlvTagFuzz::fuzzerTestOneInput, 1_024),
          new FuzzTarget(
              "mpegts",
              TsDemuxerFuzz.class,
              TsDemuxerFuzz::seeds,
              TsDemuxerFuzz::fuzzerTestOneInput,
              8_192),
          new FuzzTarget(
              "rtmp-ingest",
              MediaIngestFuzz.class,
              MediaIngestFuzz::seeds,
              MediaIngestFuzz::fuzzerTestOneInput,
              4_096),
          new FuzzTarget(
              "mpegts-ingest",
              TsIngestFuzz.class,
              TsIngestFuzz::seeds,
              TsIngestFuzz::fuzzerTestOneInput,
              8_192),
          new FuzzTarget(
              "srt-wire",
              SrtWireFuzz.class,
              SrtWireFuzz::seeds,
              SrtWireFuzz::fuzzerTestOneInput,
              1_500),
          new FuzzTarget(
              "srt-handshake",
              SrtHandshakeFuzz.class,
              SrtHandshakeFuzz::seeds,
              SrtHandshakeFuzz::fuzzerTestOneInput,
              1_500),
          new FuzzTarget(
              "srt-flow",
              SrtFlowFuzz.class,
              SrtFlowFuzz::seeds,
              SrtFlowFuzz::fuzzerTestOneInput,
              2_048),
          new FuzzTarget(
              "video-syntax",
              VideoSyntaxFuzz.class,
              VideoSyntaxFuzz::seeds,
              VideoSyntaxFuzz::fuzzerTestOneInput,
              2_048),
          new FuzzTarget(
              "audio-syntax",
              AudioSyntaxFuzz.class,
              AudioSyntaxFuzz::seeds,
              AudioSyntaxFuzz::fuzzerTestOneInput,
              2_048),
          new FuzzTarget(
              "timeline",
              TimelineFuzz.class,
              TimelineFuzz::seeds,
              TimelineFuzz::fuzzerTestOneInput,
              4_096),
          new FuzzTarget(
              "play-token",
              PlayTokenFuzz.class,
              PlayTokenFuzz::seeds,
              PlayTokenFuzz::fuzzerTestOneInput,
              512),
          new FuzzTarget(
              "http-request",
              RequestFuzz.class,
              RequestFuzz::seeds,
              RequestFuzz::fuzzerTestOneInput,
              1_024),
          new FuzzTarget(
              "http-query", QueryFuzz.class, QueryFuzz::seeds, QueryFuzz::fuzzerTestOneInput, 512));

  /**
   * @throws IllegalArgumentException when there is none of this name
   */
  static FuzzTarget named(String name) {
    return ALL.stream()
        .filter(target -> target.name.equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "no target "
                        + name
                        + "; there are "
                        + String.join(", ", ALL.stream().map(FuzzTarget::name).toList())));
  }
}
