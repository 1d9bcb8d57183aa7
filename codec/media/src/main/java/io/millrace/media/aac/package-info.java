/** AAC syntax: ISO/IEC 14496-3. */
@NullMarked
package io.millrace.media.aac;

import org.jspecify.annotations.NullMarked;
