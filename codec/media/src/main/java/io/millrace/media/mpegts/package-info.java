/**
 * MPEG-2 transport streams: ISO/IEC 13818-1 (ITU-T H.222.0). {@link
 * io.millrace.media.mpegts.TsDemuxer} takes them apart, {@link io.millrace.media.mpegts.TsMuxer}
 * makes them.
 */
@NullMarked
package io.millrace.media.mpegts;

import org.jspecify.annotations.NullMarked;
