package io.millrace.transport.http;

import org.jspecify.annotations.Nullable;

/**
 * A request that is complete, or that was refused while it was read.
 *
 * @param keepAlive the client can take another reply after this one's
 * @param refusal the reply to give, after which the connection ends; null for a good request
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
record Http1Request(
    Exchange.Request request, byte[] body, boolean keepAlive, @Nullable HttpReply refusal) {}
