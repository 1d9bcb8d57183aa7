package io.millrace.transport.srt.flow;

/** Why a connection ended. */
public enum FlowEnd {
  /** {@link SrtConnection#close} was called. */
  CLOSED,
  /** The peer said SHUTDOWN. */
  PEER_SHUTDOWN,
  /** Nothing came from the peer for {@link FlowSettings#PEER_IDLE_US}. */
  PEER_IDLE
}
