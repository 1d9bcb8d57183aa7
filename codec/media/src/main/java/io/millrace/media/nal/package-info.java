/**
 * What H.264 and HEVC have in common: NAL unit framing and supplemental enhancement information.
 */
@NullMarked
package io.millrace.media.nal;

import org.jspecify.annotations.NullMarked;
