package io.millrace.packager.disk;

/** Where work that may wait for a disk is done, in the order in which it is offered. */
@FunctionalInterface
public interface DiskWork {
  /**
   * Takes a task unless too much is waiting. Never blocks; any thread.
   *
   * @param bytes that the task keeps in memory until it is done; 0 for one that only gives orders
   * @return false where it was not taken and will not be run
   */
  boolean offer(long bytes, Runnable task);
}
