/**
 * The ISO base media file format as CMAF uses it (ISO/IEC 14496-12, 14496-15, 23000-19;
 * AV1-ISOBMFF): one record per box that writes it, and {@link io.millrace.packager.bmff.BoxReader}
 * that reads it back for inspection.
 *
 * <p>All integers are big-endian. Times are in the track's timescale.
 */
@NullMarked
package io.millrace.packager.bmff;

import org.jspecify.annotations.NullMarked;
