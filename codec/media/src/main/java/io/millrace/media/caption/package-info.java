/**
 * Closed captions inside video: CEA-608 and CEA-708 (ANSI/CTA-708-E) as ATSC A/53 Part 4 carries
 * them in H.264 and HEVC, and AV1 in the same words.
 */
@NullMarked
package io.millrace.media.caption;

import org.jspecify.annotations.NullMarked;
