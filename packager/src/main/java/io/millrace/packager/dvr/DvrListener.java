package io.millrace.packager.dvr;

/** Learns of what an operator should know; called on the disk's thread. */
public interface DvrListener {
  /** Nothing can be written from here on; told once, until {@link #recovered}. */
  void failed(String rendition, String reason);

  /**
   * Writing works again.
   *
   * @param holes intervals that are gaps because of it
   */
  void recovered(String rendition, long holes);

  /** Something was found broken on disk and cut away or removed. */
  void repaired(String what);
}
