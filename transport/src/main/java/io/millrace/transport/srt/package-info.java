/**
 * SRT (draft-sharabayko-srt-01, as libsrt 1.5 speaks it): a listener that takes publishers, and a
 * caller that pulls or pushes. Live mode only. Knows no streams and no MPEG-TS: whoever runs the
 * server gives it a handler and receives payloads.
 *
 * <pre>
 *  datagrams ─► wire (packets, cipher) ─► handshake ─► flow (order, loss, time) ─► listener
 * </pre>
 */
@NullMarked
package io.millrace.transport.srt;

import org.jspecify.annotations.NullMarked;
