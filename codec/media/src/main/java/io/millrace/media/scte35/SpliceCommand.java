package io.millrace.media.scte35;

/** What a splice_info_section says (SCTE 35 §9.7). Durations in 90 kHz ticks. */
public sealed interface SpliceCommand {
  /** No duration is said. */
  long UNKNOWN = -1;

  /** splice_null(): the line is up. */
  record Null() implements SpliceCommand {}

  /**
   * splice_insert(), §9.7.3.
   *
   * @param eventId splice_event_id, 32 bits
   * @param cancelled what was announced under this id does not happen; nothing else is said then
   * @param out true away from the network's programme, false back to it
   * @param timed true where the splice has a time of its own; false: it is at once
   * @param breakTicks break_duration; {@link #UNKNOWN} when not said
   * @param autoReturn true where the break ends by itself after its duration
   */
  record Insert(
      long eventId,
      boolean cancelled,
      boolean out,
      boolean timed,
      long breakTicks,
      boolean autoReturn)
      implements SpliceCommand {}

  /**
   * time_signal(), §9.7.4: a time for the descriptors of the section.
   *
   * @param timed false: it is at once
   */
  record TimeSignal(boolean timed) implements SpliceCommand {}

  /** bandwidth_reservation(), §9.7.5: filler. */
  record BandwidthReservation() implements SpliceCommand {}

  /**
   * A command that is passed on and not interpreted.
   *
   * @param type splice_command_type
   */
  record Other(int type) implements SpliceCommand {}

  /** A command that cannot be read without a key (§9.6.1, encrypted_packet). */
  record Encrypted() implements SpliceCommand {}
}
