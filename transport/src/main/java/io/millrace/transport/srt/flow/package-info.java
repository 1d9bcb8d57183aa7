/**
 * An established SRT connection in live mode, between the handshake and the network
 * (draft-sharabayko-srt-01 §4): state machines that are given the time and own no clock, socket or
 * thread.
 *
 * <pre>
 *   datagrams ─► SrtConnection ─┬─► FlowReceiver ─► ReceiveBuffer, TsbpdClock ─► FlowOutput.payload
 *                               │        └► ACK, NAK ─┐
 *   payloads ───────────────────┴─► FlowSender ─► SendBuffer, Pacer ─┴───────► FlowOutput.packet
 * </pre>
 *
 * <p>Inside, packets are counted by 64-bit <em>positions</em>: 0 is the packet with the initial
 * sequence number. The 31-bit numbers of the wire are compared with a position of the window once,
 * where they come in, so that no later comparison has to think of the wrap. Times are microseconds
 * of one clock that never runs backwards; its zero does not matter.
 */
@NullMarked
package io.millrace.transport.srt.flow;

import org.jspecify.annotations.NullMarked;
