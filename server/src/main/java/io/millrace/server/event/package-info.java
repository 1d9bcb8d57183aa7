/**
 * What the server decides and what happens to it, as an operator wants to know it: every event is a
 * line in the log and goes to whoever listens to {@code GET /api/v1/events}.
 */
@NullMarked
package io.millrace.server.event;

import org.jspecify.annotations.NullMarked;
