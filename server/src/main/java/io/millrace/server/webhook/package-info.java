/**
 * Decisions that are an operator's: its webhook is asked who may publish and who may play. Knows
 * neither publishers nor viewers, only questions and answers.
 */
@NullMarked
package io.millrace.server.webhook;

import org.jspecify.annotations.NullMarked;
