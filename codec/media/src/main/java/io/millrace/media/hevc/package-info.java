/** HEVC syntax: ITU-T H.265 (ISO/IEC 23008-2), and its carriage in files, ISO/IEC 14496-15 §8. */
@NullMarked
package io.millrace.media.hevc;

import org.jspecify.annotations.NullMarked;
