/** MPEG audio layer III syntax: ISO/IEC 11172-3, ISO/IEC 13818-3. */
@NullMarked
package io.millrace.media.mp3;

import org.jspecify.annotations.NullMarked;
