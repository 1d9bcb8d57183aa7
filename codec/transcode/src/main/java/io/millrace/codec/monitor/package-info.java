/** Watches an input for what no protocol reports: a frozen or black picture, and silence. */
@NullMarked
package io.millrace.codec.monitor;

import org.jspecify.annotations.NullMarked;
