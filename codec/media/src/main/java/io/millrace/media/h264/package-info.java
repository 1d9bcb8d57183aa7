/** H.264 syntax: ITU-T H.264 (the bitstream) and ISO/IEC 14496-15 §5 (how it sits in samples). */
@NullMarked
package io.millrace.media.h264;

import org.jspecify.annotations.NullMarked;
