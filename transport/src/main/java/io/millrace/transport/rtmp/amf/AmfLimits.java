package io.millrace.transport.rtmp.amf;

/**
 * What one message may decode to, counted as a tree: a reference costs what it refers to.
 *
 * @param maxDepth arrays and objects inside each other; 1 is a flat object
 * @param maxElements values and property names
 * @param maxTextBytes UTF-8 bytes of all strings together
 */
public record AmfLimits(int maxDepth, int maxElements, int maxTextBytes) {
  /** Enough for every command and for an onMetaData with a key frame index of some hours. */
  public static final AmfLimits DEFAULT = new AmfLimits(16, 32_768, 256 << 10);

  /** For commands of a peer that is not known yet. */
  public static final AmfLimits COMMAND = new AmfLimits(8, 1_024, 32 << 10);
}
