package io.millrace.server.metrics;

import java.util.List;

/**
 * Every metric but the statistics of SRT connections, whose names are libsrt's: its name without
 * the {@code _total} that counters end in, what it means, its labels. Base units, as Prometheus
 * asks. Label values come from fixed sets, or go away with the stream that they name.
 */
public enum Meter {
  BUILD("millrace_build_info", "Version of the server; always 1", "version"),
  START("millrace_process_start_time_seconds", "When the process started, in Unix time"),
  CPU("millrace_process_cpu_seconds", "CPU time of the process, user and system"),
  RESIDENT("millrace_process_resident_memory_bytes", "Resident memory of the process"),
  OPEN_FILES("millrace_process_open_fds", "Open file descriptors"),
  MAX_FILES("millrace_process_max_fds", "File descriptors that the process may open"),
  THREADS("millrace_jvm_threads", "Live platform threads"),
  HEAP_USED("millrace_jvm_heap_used_bytes", "Heap in use, garbage included"),
  HEAP_COMMITTED("millrace_jvm_heap_committed_bytes", "Heap taken from the system"),
  HEAP_MAX("millrace_jvm_heap_max_bytes", "Heap that may be taken"),
  DIRECT("millrace_direct_memory_bytes", "Memory of network buffers outside the heap"),
  GC_COUNT("millrace_jvm_gc_collections", "Garbage collections", "collector"),
  GC_TIME("millrace_jvm_gc_seconds", "Time in garbage collections", "collector"),

  HTTP_CONNECTIONS("millrace_http_connections", "Open connections", "listener"),
  HTTP_OPENED("millrace_http_connections_opened", "Connections accepted", "listener"),
  HTTP_REFUSED(
      "millrace_http_connections_refused",
      "Connections closed unread because one client, or all, had too many",
      "listener",
      "limit"),
  HTTP_CLOSED(
      "millrace_http_connections_closed", "Connections ended, by reason", "listener", "reason"),
  HTTP_RESET(
      "millrace_http_streams_reset",
      "HTTP/2 and HTTP/3 streams reset by the server",
      "listener",
      "reason"),
  HTTP_REQUESTS(
      "millrace_http_requests",
      "Requests answered; 499: the client left first",
      "listener",
      "route",
      "protocol",
      "status"),
  HTTP_INCOMPLETE(
      "millrace_http_responses_incomplete",
      "Responses that the client did not take to the end",
      "listener",
      "route"),
  HTTP_BYTES("millrace_http_response_bytes", "Response content sent", "listener", "route"),
  HTTP_SECONDS(
      "millrace_http_request_seconds",
      "From the complete request to the last byte of its response, waiting for media included",
      "listener",
      "route"),
  COMPRESSIONS("millrace_http_compressions", "Documents compressed, once for all their viewers"),
  PARKED("millrace_http_requests_parked", "Requests that wait for the live edge to move"),

  TLS_HANDSHAKES(
      "millrace_tls_handshakes",
      "Handshakes of HTTPS: with a certificate, with a ticket, with a ticket and early data",
      "kind"),
  TLS_EARLY_DATA(
      "millrace_tls_early_data",
      "Connections that began with early data, by what became of it",
      "result"),
  WEBHOOK_REQUESTS(
      "millrace_webhook_requests",
      "Questions to webhooks, by what became of them",
      "action",
      "result"),
  WEBHOOK_REMEMBERED(
      "millrace_webhook_remembered", "Questions answered by what a webhook had said", "action"),
  WEBHOOK_SECONDS(
      "millrace_webhook_seconds",
      "From the question to the answer, waiting for a turn included",
      "action"),
  EDGE_REQUESTS(
      "millrace_edge_requests",
      "Requests for streams that the edge answered: hit, disk, miss, joined, stale, error",
      "result"),
  EDGE_ORIGIN_REQUESTS(
      "millrace_edge_origin_requests", "Requests that origins were asked, health checks left out"),
  EDGE_ORIGIN_FAILURES("millrace_edge_origin_failures", "Requests of these without a reply"),
  EDGE_CANCELLED(
      "millrace_edge_origin_requests_cancelled",
      "Requests of these given up because nobody waited any more"),
  EDGE_HELD("millrace_edge_held_bytes", "What the edge keeps in memory and is fetching"),
  EVENTS("millrace_events", "What was told of the server's decisions"),
  EVENT_LISTENERS("millrace_event_listeners", "Clients of /api/v1/events"),
  EDGE_EVICTIONS("millrace_edge_evictions", "Objects that made room for others"),
  EDGE_WAITING("millrace_edge_waiting", "Requests that wait for something on its way"),
  EDGE_DISK_BYTES("millrace_edge_disk_bytes", "What the edge keeps on disk"),
  EDGE_DISK_OBJECTS("millrace_edge_disk_objects", "Objects that the edge has on disk"),
  EDGE_DISK_WRITES("millrace_edge_disk_writes", "Objects written to disk"),
  EDGE_DISK_DROPPED(
      "millrace_edge_disk_dropped",
      "Objects not written to disk: too large, too many at once, or it does not work"),
  EDGE_DISK_ERRORS("millrace_edge_disk_errors", "Times that the disk could not be read or written"),
  EDGE_DISK_EVICTIONS("millrace_edge_disk_evictions", "Objects on disk that made room for others"),

  STREAMS("millrace_streams", "Streams by state", "state"),
  SESSIONS("millrace_sessions", "Publishing sessions open"),
  STREAM_VIEWERS("millrace_stream_viewers", "Clients that fetched media in 10 s", "stream"),
  STREAM_RECONNECTS("millrace_stream_reconnects", "Returns of a stream's publisher", "stream"),
  STREAM_RENDERS(
      "millrace_stream_documents_rendered",
      "Playlists and manifests rendered, once for all their viewers",
      "stream"),
  STREAM_RENDERING(
      "millrace_stream_rendering_cpu_seconds", "CPU time of rendering those", "stream"),
  STREAM_PACKAGING(
      "millrace_stream_packaging_cpu_seconds",
      "CPU time of making parts and segments out of samples",
      "stream"),
  STREAM_IN("millrace_stream_received_bytes", "Bytes of a stream's publishers", "stream", "input"),
  STREAM_SWITCHES("millrace_stream_input_switches", "Changes from one input to another", "stream"),
  STREAM_SIGNAL_LOSSES(
      "millrace_stream_signal_losses", "Losses of all inputs that were covered", "stream"),
  STREAM_FILLED(
      "millrace_stream_filled_seconds", "Time covered by a slate or the last picture", "stream"),
  PUSH_LIVE(
      "millrace_push_live",
      "1 while a stream is sent on to a server, 0 while that is tried",
      "stream",
      "target"),
  PUSH_BYTES("millrace_push_sent_bytes", "Media sent on to a server", "stream", "target"),
  PUSH_DROPPED(
      "millrace_push_dropped_samples",
      "Samples not sent on because the server was too slow",
      "stream",
      "target"),
  PUSH_CONNECTIONS(
      "millrace_push_connections", "Times that a server has taken the stream", "stream", "target"),
  PUSH_FAILURES(
      "millrace_push_failures",
      "Times that a server was not there, refused or has gone",
      "stream",
      "target"),
  RENDITION_BITRATE(
      "millrace_rendition_bits_per_second",
      "Measured average bit rate over the listed window",
      "stream",
      "rendition"),
  RENDITION_SEGMENTS("millrace_rendition_segments", "Segments made", "stream", "rendition"),
  RENDITION_GAPS("millrace_rendition_gaps", "Segments missing", "stream", "rendition"),
  ENCODER_SPEED(
      "millrace_encoder_real_time_factor",
      "Content seconds per busy second; below 1 the rung cannot keep up",
      "stream",
      "rendition"),
  RUNGS_SHED("millrace_rungs_shed", "Rungs that are given up under overload now"),
  ENCODING_STEPS(
      "millrace_encoding_steps_shed",
      "Steps that are given up under overload now: rungs, and presets and frame rates of streams"),
  RUNG_SHEDS("millrace_rung_sheds", "Times that something was given up under overload"),
  RUNG_RETURNS("millrace_rung_returns", "Times that it was taken back"),
  STREAMS_REFUSED("millrace_streams_refused", "Streams refused for want of room to encode them"),
  ENCODING_EXHAUSTED(
      "millrace_encoding_exhausted",
      "1 while nothing is left to give up and it is not enough: new streams are refused"),
  ENCODER_PAUSED("millrace_encoder_paused", "1 while a rung is not encoded", "stream", "rendition"),
  ENCODER_HALF_RATE(
      "millrace_encoder_half_rate",
      "1 while every second picture of a rung is left out so that it takes less",
      "stream",
      "rendition"),
  ENCODER_CRF(
      "millrace_encoder_crf",
      "Quality (CRF) of a rung with a quality target, lower is better",
      "stream",
      "rendition"),
  ENCODER_VMAF(
      "millrace_encoder_vmaf",
      "What the last sample of a rung with a quality target came to (VMAF)",
      "stream",
      "rendition"),
  ENCODER_CORES(
      "millrace_encoder_cpu_cores",
      "CPU that a rung takes, over the last seconds",
      "stream",
      "rendition"),
  ENCODER_PREDICTED(
      "millrace_encoder_predicted_cpu_cores",
      "CPU that a rung is expected to take, where the machine is calibrated",
      "stream",
      "rendition"),
  ENCODER_CPU("millrace_encoder_cpu_seconds", "CPU time of a rung", "stream", "rendition"),
  ENCODER_FRAMES("millrace_encoder_frames", "Pictures encoded", "stream", "rendition"),
  ENCODER_DROPPED(
      "millrace_encoder_frames_dropped", "Pictures left out of a rung", "stream", "rendition"),
  DECODER_DAMAGED("millrace_decoder_samples_damaged", "Access units that did not decode", "stream"),
  DECODER_CORES(
      "millrace_decoder_cpu_cores",
      "CPU that a stream takes beside its encoders (decoding, scaling and what its worker does"
          + " besides), over the last seconds",
      "stream"),
  DECODER_PREDICTED(
      "millrace_decoder_predicted_cpu_cores",
      "CPU that a stream is expected to take beside its encoders, where the machine is calibrated",
      "stream"),
  WORKER_CPU("millrace_worker_cpu_seconds", "CPU time of a stream's worker processes", "stream"),
  WORKER_RESIDENT(
      "millrace_worker_resident_memory_bytes",
      "Resident memory of a stream's worker process",
      "stream"),
  WORKER_PAUSED(
      "millrace_worker_paused",
      "1 while a stream has no ladder because its workers ended too often",
      "stream"),
  WORKER_RESTARTS(
      "millrace_worker_restarts",
      "Ends of worker processes that were still wanted: crash, hang, memory, protocol, start",
      "stream",
      "reason"),

  CONFIG_RELOADS(
      "millrace_config_reloads",
      "Times that the configuration was read again: applied, or refused because it is wrong",
      "result"),
  CONFIG_RELOAD_OK(
      "millrace_config_last_reload_successful",
      "0 where the configuration as it is now was refused, and the server runs by an older one"),

  RECORDING_BYTES("millrace_recording_bytes", "Bytes recorded", "stream"),
  RECORDING_LOST("millrace_recording_lost_seconds", "Time that could not be recorded", "stream"),
  RECORDING_ERRORS("millrace_recording_errors", "Times that recording stopped", "stream"),
  RECORDING_FAILED(
      "millrace_recording_failed", "1 while recordings of a stream cannot be written", "stream"),
  DVR_BYTES("millrace_dvr_bytes", "Media of all DVR windows on disk"),
  DVR_QUEUE("millrace_dvr_queue_bytes", "Media that waits to be written to the DVR"),
  DVR_FAILING("millrace_dvr_renditions_failing", "Renditions that cannot be written to the DVR"),
  DVR_MISSING("millrace_dvr_segments_missing", "Segments that could not be kept on disk"),
  RECORDING_QUEUE("millrace_recording_queue_bytes", "Bytes that wait to be recorded"),
  UPLOADS_PENDING("millrace_uploads_pending", "Recordings that wait for their upload"),
  UPLOADS_SENT("millrace_uploads", "Recordings uploaded"),
  UPLOAD_BYTES("millrace_upload_bytes", "Bytes uploaded"),
  UPLOAD_ERRORS("millrace_upload_errors", "Attempts to upload that failed, and are made again");

  private final String id;
  private final String help;

  @SuppressWarnings("ImmutableEnumChecker") // made by List.of
  private final List<String> labels;

  Meter(String id, String help, String... labels) {
    this.id = id;
    this.help = help;
    this.labels = List.of(labels);
  }

  /** The name, without {@code _total}. */
  public String id() {
    return id;
  }

  public String help() {
    return help;
  }

  public List<String> labels() {
    return labels;
  }

  String[] labelArray() {
    return labels.toArray(String[]::new);
  }
}
