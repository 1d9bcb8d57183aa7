@NullMarked
package io.millrace.loadtest.srt;

import org.jspecify.annotations.NullMarked;
