package io.millrace.server.event;

/** Every kind of event, with the word that the API has for it and what it tells. */
public enum EventType {
  STREAM_PUBLISHED("stream.published", "a publisher has connected, or a source is pulled"),
  STREAM_WAITING("stream.waiting", "the last publisher has gone, and may come back for `grace`"),
  STREAM_ENDED("stream.ended", "the stream is over; `reason` says why"),
  STREAM_TAKEN_OVER("stream.taken_over", "another publisher is on air in place of the first"),
  STREAM_FAILED_OVER(
      "stream.failed_over", "the other input is on air: the first is lost or has a fault"),
  STREAM_RECOVERED("stream.recovered", "the main input, or any input at all, is on air again"),
  STREAM_SIGNAL_LOST("stream.signal_lost", "no input is left; `covered` says whether by a slate"),
  STREAM_REFUSED("stream.refused", "there is no room to encode another stream"),

  PUBLISH_REFUSED("publish.refused", "a publisher was not let in; `reason` says why"),
  PUBLISH_ENDED("publish.ended", "a publisher was disconnected by an operator or a webhook"),
  PULL_FAILED("pull.failed", "a source cannot be pulled, and is tried again"),

  PUSH_STARTED(
      "push.started", "a server takes the stream that is sent on to it; `target` names it"),
  PUSH_FAILED(
      "push.failed",
      "it cannot be reached, refuses or has gone (`reason`), and is tried again; said once for the"
          + " same reason"),
  PUSH_BEHIND(
      "push.behind", "it is too slow: what waited for it is dropped, to the next key frame"),
  PUSH_ENDED("push.ended", "the stream is unpublished there; `reason` says why"),

  LADDER_OPENED("ladder.opened", "a stream's renditions have begun; `rungs` are encoded"),
  LADDER_CHOSEN("ladder.chosen", "an operator has given a stream another ladder"),
  LADDER_RESET("ladder.reset", "an operator has given a stream its configured ladder again"),
  LADDER_CHANGED("ladder.changed", "rungs have joined or left, from the segment `from` on"),
  LADDER_STEPPED(
      "ladder.stepped", "overload: all rungs of a stream take less (`step`: faster, half_rate)"),
  LADDER_RESTORED("ladder.restored", "such a step is taken back"),
  LADDER_SOURCE_FAILED(
      "ladder.source_failed", "the source cannot be decoded, only passthrough goes on"),

  RUNG_LEFT_OUT("rung.left_out", "a rung of the ladder is not encoded for this source"),
  RUNG_FAILED("rung.failed", "an encoder has failed; the other rungs go on"),
  RUNG_SHED("rung.shed", "overload: a rung is paused, in the order of `budget.shed`"),
  RUNG_WAITING("rung.waiting", "a rung is not begun: there is no room for it yet"),
  RUNG_RESUMED("rung.resumed", "a rung that was shed, or waited, is encoded again"),
  RUNG_STEPPED("rung.stepped", "an encoder is too slow, and takes less"),
  RUNG_RESTORED("rung.restored", "such a step is taken back"),
  RUNG_WOKEN("rung.woken", "somebody watches: rungs with `when: watched` are encoded"),
  RUNG_IDLE("rung.idle", "nobody watches: rungs with `when: watched` pause"),

  WORKER_STARTED("worker.started", "a process that encodes is ready"),
  WORKER_ENDED(
      "worker.ended",
      "it has ended (`reason`: crash, hang, memory, protocol, start) and another follows"),
  WORKER_GIVEN_UP("worker.given_up", "it ends too often: the ladder pauses, and is tried later"),

  RECORDING_STARTED("recording.started", "a recording has begun"),
  RECORDING_FINISHED("recording.finished", "a recording is closed"),
  RECORDING_FAILED("recording.failed", "a recording cannot be written; the stream goes on"),
  UPLOAD_FINISHED("upload.finished", "a recording has been uploaded"),
  UPLOAD_FAILED("upload.failed", "an upload has failed, and is tried again"),
  DVR_FAILED("dvr.failed", "the DVR cannot write to disk; the stream stays live"),
  DVR_RECOVERED("dvr.recovered", "the DVR writes to disk again"),

  ORIGIN_DOWN("origin.down", "an edge's origin does not answer"),
  ORIGIN_UP("origin.up", "it answers again"),
  WEBHOOK_DOWN("webhook.down", "a webhook does not decide; `on_error` does"),
  WEBHOOK_UP("webhook.up", "it decides again"),

  CONFIG_RELOADED("config.reloaded", "the configuration was read again and is followed"),
  CONFIG_REFUSED("config.refused", "the configuration is wrong, and nothing has changed"),
  SERVER_READY("server.ready", "the server takes publishers and viewers"),
  SERVER_STOPPING("server.stopping", "the server ends; the last event"),

  /** Made for one listener, not by the server. */
  EVENTS_DROPPED(
      "events.dropped", "`count` events before this one are not kept any more: read faster");

  private final String word;
  private final String help;

  EventType(String word, String help) {
    this.word = word;
    this.help = help;
  }

  /** {@code SUBJECT.WHAT_HAPPENED}. */
  public String word() {
    return word;
  }

  /** What stands in front of the dot. */
  public String subject() {
    return word.substring(0, word.indexOf('.'));
  }

  /** In one sentence, Markdown. */
  public String help() {
    return help;
  }
}
