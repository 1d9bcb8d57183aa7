package io.millrace.server.worker;

import java.util.Locale;

/** Why a worker ended that was still wanted. */
enum EndReason {
  /** By itself: native code crashed, or somebody killed it. */
  CRASH,
  /** It neither used what it was given nor was heard of. */
  HANG,
  /** It had grown beyond its limit. */
  MEMORY,
  /** It said what no worker says. */
  PROTOCOL,
  /** It was not ready in time, or could not be started. */
  START;

  String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
