package io.millrace.media.scte35;

/**
 * segmentation_descriptor() (SCTE 35 §10.3.3).
 *
 * @param eventId segmentation_event_id, 32 bits
 * @param cancelled what was announced under this id does not happen
 * @param typeId segmentation_type_id (Table 23); 0 where cancelled
 * @param durationTicks segmentation_duration in 90 kHz; {@link SpliceCommand#UNKNOWN} when not said
 */
public record Segmentation(long eventId, boolean cancelled, int typeId, long durationTicks) {
  private static final int BREAK_START = 0x22;
  private static final int FIRST_PLACED = 0x30;
  private static final int LAST_PLACED = 0x3F;
  private static final int PROVIDER_AD_BLOCK_START = 0x44;
  private static final int DISTRIBUTOR_AD_BLOCK_END = 0x47;

  /**
   * True for advertisements, breaks, promotions and placement opportunities: what replaces the
   * programme, and not what structures it. Even ids start one, the odd one behind ends it.
   */
  public boolean splices() {
    return (typeId & ~1) == BREAK_START
        || (typeId >= FIRST_PLACED && typeId <= LAST_PLACED)
        || (typeId >= PROVIDER_AD_BLOCK_START && typeId <= DISTRIBUTOR_AD_BLOCK_END);
  }

  /** True for the start of what {@link #splices}. */
  public boolean out() {
    return (typeId & 1) == 0;
  }
}
