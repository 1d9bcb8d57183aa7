/**
 * SRT on the wire (draft-sharabayko-srt-01 §3, §6): packets, handshake messages, keying material
 * and the payload cipher. Static accessors over buffers, records and one cipher: no channel, no
 * clock, no thread of their own.
 *
 * <p>Packets are whole datagrams: an accessor reads relative to the buffer's reader index and moves
 * neither index. Nothing here trusts a number from the network before it is compared with the bytes
 * that are there.
 */
@NullMarked
package io.millrace.transport.srt.wire;

import org.jspecify.annotations.NullMarked;
