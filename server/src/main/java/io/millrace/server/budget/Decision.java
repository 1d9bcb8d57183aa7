package io.millrace.server.budget;

import io.millrace.media.StreamKey;
import io.millrace.server.live.ShedStep;

/**
 * Something is given up, or taken back.
 *
 * @param place of the step in its ladder's order
 * @param given false where it is taken back
 * @param waits given before it has really been used: there was no room for it from the start
 * @param reason for a person
 */
record Decision(
    StreamKey stream, int place, ShedStep step, boolean given, boolean waits, String reason) {}
